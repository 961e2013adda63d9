"""The few marks that every shape is drawn with: paths, boxes, ellipses, text that fits."""

from xml.sax.saxutils import escape

BODY = "url(#b)"
TRIM = "url(#d)"
FLAT = "url(#f)"
MOTIF = "url(#m)"
GLASS = "url(#w)"


def path(d: str, fill: str = BODY, extra: str = "") -> str:
    """A filled path."""
    return f'<path d="{d}" fill="{fill}"{_more(extra)}/>'


def line(d: str, stroke: str, width: float = 2, extra: str = "") -> str:
    """An open path with round ends."""
    return (
        f'<path d="{d}" fill="none" stroke="{stroke}" stroke-width="{width:g}" '
        f'stroke-linecap="round"{_more(extra)}/>'
    )


def box(
    place: tuple[float, float, float, float], radius: float = 0, fill: str = BODY, extra: str = ""
) -> str:
    """A rectangle at (x, y, width, height)."""
    x, y, width, height = place
    corner = f' rx="{radius:g}"' if radius else ""
    size = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
    return f'<rect {size}{corner} fill="{fill}"{_more(extra)}/>'


def oval(x: float, y: float, rx: float, ry: float, fill: str = BODY, extra: str = "") -> str:  # noqa: PLR0917 (as SVG names them)
    """An ellipse."""
    return f'<ellipse cx="{x:g}" cy="{y:g}" rx="{rx:g}" ry="{ry:g}" fill="{fill}"{_more(extra)}/>'


def patterned(d: str, fill: str = BODY) -> str:
    """A path in its colour with the maker's pattern over it."""
    return path(d, fill) + path(d, MOTIF)


def shine(d: str, opacity: float = 0.35) -> str:
    """A soft white gleam."""
    return path(d, "#fff", f'opacity="{opacity:g}"')


def fitted(text: str, place: tuple[float, float, float], size: float, face: str) -> str:
    """Text centred at (x, y) that never grows wider than the third number, in any font."""
    x, y, width = place
    natural = len(text) * size * (0.53 if face == "serif" else 0.71)
    if natural > width:
        size, natural = max(3.2, size * width / natural), width
    return (
        f'<text x="{x:g}" y="{y:g}" class="{face[0]}" font-size="{size:.3g}" '
        f'textLength="{natural:.4g}" lengthAdjust="spacingAndGlyphs">{escape(text)}</text>'
    )


def moved(inside: str, transform: str) -> str:
    """Marks turned or shifted together."""
    return f'<g transform="{transform}">{inside}</g>'


def _more(extra: str) -> str:
    return f" {extra}" if extra else ""
