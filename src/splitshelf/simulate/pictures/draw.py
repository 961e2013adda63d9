"""The picture of a product, whole: wall, floor, light, shadow and the thing itself."""

from splitshelf.core.products import Product
from splitshelf.simulate.goods.brands import STYLES
from splitshelf.simulate.pictures import SHAPES
from splitshelf.simulate.pictures.choice import colour_of, number, shape_of
from splitshelf.simulate.pictures.look import Look, backdrop
from splitshelf.simulate.pictures.motifs import motif

_HANGING = frozenset({"pendant", "poster", "clock", "plate", "bunting", "heart", "bauble", "sign"})


def picture(product: Product) -> str:
    """An SVG of 200 by 200, 1 to 4 kB; the same for the same product."""
    shape = shape_of(product)
    look = look_of(product)
    scene = '<rect width="200" height="200" fill="url(#g)"/>'
    scene += _wall_shadow() if shape in _HANGING else _floor_shadow()
    scene += SHAPES[shape](look)
    used = "".join(text for name, text in light(look) if f"url(#{name})" in scene)
    style = STYLE if "<text" in scene else ""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200">'
        f"<defs>{used}</defs>{style}{scene}</svg>"
    )


def look_of(product: Product) -> Look:
    """The colours, pattern and words of a product."""
    turn = number(product.id)
    name = product.title.split(",")[0].split(" · ")[0].split(":")[0]
    return Look(
        base=colour_of(product),
        style=product.attributes.get("style") or STYLES[turn % len(STYLES)],
        brand=product.brand or "",
        words=tuple(name.upper().split()[:6]),
        turn=turn >> 4,
    )


STYLE = (
    "<style>text{text-anchor:middle}.s{font-family:Georgia,'Times New Roman',serif}"
    ".c{font-family:Helvetica,Arial,sans-serif}</style>"
)


def light(look: Look) -> list[tuple[str, str]]:
    """The fills that shapes may ask for, by name."""
    centre, edge = backdrop(look.base)
    round_body = ((0, look.shade), (0.2, look.light), (0.5, look.base), (1, look.shade))
    trim = ((0, "#1d1a18", 0.25), (0.25, look.shade), (1, look.deep))
    cloth = ((0, look.light), (0.45, look.base), (1, look.shade))
    glass = ((0, "#fff", 0.55), (0.3, "#fff", 0.05), (1, "#000", 0.14))
    shadow = ((0, "#1d1712", 0.42), (0.55, "#1d1712", 0.16), (1, "#1d1712", 0))
    return [
        ("g", _gradient("radial", "g", ((0, centre), (1, edge)), ' cy=".42" r=".75"')),
        ("b", _gradient("linear", "b", round_body)),
        ("d", _gradient("linear", "d", trim)),
        ("f", _gradient("linear", "f", cloth, ' x2=".7" y2="1"')),
        ("w", _gradient("linear", "w", glass)),
        ("s", _gradient("radial", "s", shadow)),
        ("m", motif(look)),
    ]


def _gradient(
    kind: str, name: str, stops: tuple[tuple[float | str, ...], ...], extra: str = ""
) -> str:
    inside = "".join(
        f'<stop offset="{stop[0]}" stop-color="{stop[1]}"'
        + (f' stop-opacity="{stop[2]}"' if len(stop) > 2 else "")
        + "/>"
        for stop in stops
    )
    return f'<{kind}Gradient id="{name}"{extra}>{inside}</{kind}Gradient>'


def _floor_shadow() -> str:
    return '<ellipse cx="106" cy="174" rx="74" ry="13" fill="url(#s)"/>'


def _wall_shadow() -> str:
    return '<ellipse cx="108" cy="116" rx="86" ry="84" fill="url(#s)" opacity=".5"/>'
