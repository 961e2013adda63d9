"""What is printed on a product: the maker and the name, wrapped and shrunk until they fit."""

from splitshelf.simulate.pictures.look import Look
from splitshelf.simulate.pictures.marks import box, fitted

_LETTER = 4.6  # width of a capital of the small face at its usual size


def label(look: Look, place: tuple[float, float, float, float]) -> str:
    """A paper label at (x, y, width, height) with the maker above the name."""
    x, y, width, height = place
    paper = box(place, 1.5, "#fdfbf6", 'opacity=".94"')
    return paper + _print(look, (x + width / 2, y, width - 8, height), look.ink)


def stamp(look: Look, place: tuple[float, float, float, float]) -> str:
    """The same print straight on the product, in a colour that reads on it."""
    x, y, width, height = place
    return _print(look, (x + width / 2, y, width - 6, height), look.contrast)


def maker(look: Look, place: tuple[float, float, float], size: float = 11) -> str:
    """The maker's name alone, centred at (x, y), at most `width` wide."""
    return f'<g fill="{look.contrast}">' + fitted(look.brand, place, size, "serif") + "</g>"


def maker_dark(look: Look, y: float) -> str:
    """The maker in ink on a pale ground."""
    return maker(look, (100, y, 40), 8).replace(look.contrast, look.ink)


def _print(look: Look, place: tuple[float, float, float, float], ink: str) -> str:
    x, y, width, height = place
    lines = wrapped(look.words, max(5, int(width / _LETTER)), 3 if height > 46 else 2)
    top = y + height / 2 - (len(lines) * 8 - 6) / 2
    parts = [fitted(look.brand, (x, top, width), 12, "serif")]
    parts.append(box((x - 6, top + 4.2, 12, 0.7), 0, ink, 'opacity=".6"'))
    parts.extend(
        fitted(words, (x, top + 13 + 8 * n, width), 6.4, "caps") for n, words in enumerate(lines)
    )
    return f'<g fill="{ink}">' + "".join(parts) + "</g>"


def wrapped(words: tuple[str, ...], width: int, limit: int) -> list[str]:
    """At most `limit` lines of about `width` letters; the rest is left out.

    >>> wrapped(("COLD", "PRESSED", "OLIVE", "OIL"), 12, 2)
    ['COLD PRESSED', 'OLIVE OIL']
    """
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += " " + word
        elif len(lines) < limit:
            lines.append(word)
        else:
            break
    return lines
