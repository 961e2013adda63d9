"""The patterns that makers of each style put on their things."""

from collections.abc import Callable

from splitshelf.simulate.pictures.look import Look


def _pattern(width: float, height: float, inside: str, turn: int = 0) -> str:
    rotate = f' patternTransform="rotate({turn})"' if turn else ""
    return (
        f'<pattern id="m" width="{width:g}" height="{height:g}" '
        f'patternUnits="userSpaceOnUse"{rotate}>'
        f"{inside}</pattern>"
    )


def _plain(look: Look) -> str:
    del look
    return _pattern(9, 9, "")


def _speckle(look: Look) -> str:
    dots = "".join(
        f'<circle cx="{x}" cy="{y}" r="{r}"/>'
        for x, y, r in ((3, 4, 0.7), (11, 9, 0.5), (17, 2, 0.8), (7, 15, 0.6), (19, 17, 0.5))
    )
    return _pattern(22, 20, f'<g fill="{look.deep}" opacity=".5">{dots}</g>')


def _check(look: Look) -> str:
    bars = '<rect width="6" height="18"/><rect width="18" height="6"/>'
    return _pattern(18, 18, f'<g fill="{look.contrast}" opacity=".22">{bars}</g>')


def _stripes(look: Look) -> str:
    return _pattern(11, 11, f'<rect width="4" height="11" fill="{look.contrast}" opacity=".45"/>')


def _slant(look: Look) -> str:
    return _pattern(
        16, 16, f'<rect width="7" height="16" fill="{look.contrast}" opacity=".5"/>', 45
    )


def _dots(look: Look) -> str:
    dots = '<circle cx="5" cy="5" r="2.6"/><circle cx="13" cy="13" r="2.6"/>'
    return _pattern(16, 16, f'<g fill="{look.contrast}" opacity=".6">{dots}</g>')


def _sprig(look: Look) -> str:
    leaves = (
        '<path d="M11 20C11 14 11 9 12 4" fill="none" stroke-width=".8"/>'
        '<path d="M11 16c-5 0-6-3-6-5 4 0 6 2 6 5zM11.500 11c5 0 6-3 6-5-4 0-6 2-6 5z" '
        'stroke="none"/>'
    )
    ink = look.contrast
    return _pattern(24, 24, f'<g fill="{ink}" stroke="{ink}" opacity=".42">{leaves}</g>', 12)


def _pinline(look: Look) -> str:
    return _pattern(14, 14, f'<rect width="14" height="1.2" fill="{look.contrast}" opacity=".5"/>')


MOTIFS: dict[str, tuple[Callable[[Look], str], ...]] = {
    "minimal": (_plain,),
    "rustic": (_speckle, _check, _speckle),
    "bold": (_slant, _dots, _stripes),
    "botanical": (_sprig,),
    "classic": (_pinline, _stripes, _plain),
}
"""By style; the product's number picks one."""


def motif(look: Look) -> str:
    """The pattern of this product, as the definition of `url(#m)`."""
    choices = MOTIFS.get(look.style, (_plain,))
    return choices[look.turn % len(choices)](look)
