"""A still life: several things on one table, in one light."""

from functools import cache

from splitshelf.simulate.goods.colours import COLOURS
from splitshelf.simulate.pictures import SHAPES
from splitshelf.simulate.pictures.draw import STYLE, light
from splitshelf.simulate.pictures.look import Look
from splitshelf.simulate.pictures.marks import moved

_THINGS: tuple[tuple[str, str, str, float, float, float], ...] = (
    ("lamp", "brass", "minimal", 20, -22, 1.62),
    ("vase", "clay", "rustic", 402, 54, 1.26),
    ("book", "ink", "botanical", 220, 74, 1.15),
    ("plant", "terracotta", "botanical", 298, 20, 1.45),
    ("teapot", "sage", "minimal", 148, 122, 1.05),
    ("mug", "mustard", "bold", 286, 168, 0.78),
    ("candle", "blush", "classic", 420, 160, 0.86),
)
"""Shape, colour, style, left, top and size; what stands in front comes last."""


@cache
def still_life() -> str:
    """An SVG of 640 by 420 without a background."""
    definitions, marks = [], [_table()]
    for number, (shape, colour, style, x, y, size) in enumerate(_THINGS):
        look = Look(COLOURS[colour], style, "Elske", ("COAST",), turn=number)
        drawn = SHAPES[shape](look)
        for name, fill in light(look):
            if name == "s" or f"url(#{name})" in drawn:
                definitions.append(fill.replace(f'id="{name}"', f'id="{name}{number}"'))
                drawn = drawn.replace(f"url(#{name})", f"url(#{name}{number})")
        shadow = f'<ellipse cx="112" cy="174" rx="72" ry="10" fill="url(#s{number})"/>'
        marks.append(moved(shadow + drawn, f"translate({x:g} {y:g}) scale({size:g})"))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360">'
        f"<defs>{''.join(definitions)}</defs>{STYLE}{''.join(marks)}</svg>"
    )


def _table() -> str:
    return '<ellipse cx="330" cy="292" rx="310" ry="40" fill="#1d1712" opacity=".06"/>'
