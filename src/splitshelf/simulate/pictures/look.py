"""How one product looks: its colours, its pattern and what stands on its label."""

import colorsys
from dataclasses import dataclass

WHITE = "#ffffff"
BLACK = "#15120f"


def mix(colour: str, other: str, share: float) -> str:
    """The colour with a share of another in it, as #rrggbb.

    >>> mix("#000000", "#ffffff", 0.5)
    '#808080'
    """
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def brightness(colour: str) -> float:
    """The relative luminance, 0 to 1, near enough to choose ink by.

    >>> brightness("#ffffff")
    1.0
    """
    red, green, blue = _channels(colour)
    return round((0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255, 4)


def backdrop(colour: str) -> tuple[str, str]:
    """The centre and the edge of the wall behind: a pale tint of the product's own hue."""
    hue, _, saturation = colorsys.rgb_to_hls(*(c / 255 for c in _channels(colour)))
    tint = min(0.34, 0.10 + saturation * 0.4)
    return _from_hls(hue, 0.955, tint), _from_hls(hue, 0.868, tint * 0.8)


def _from_hls(hue: float, light: float, saturation: float) -> str:
    return "#" + "".join(
        f"{round(c * 255):02x}" for c in colorsys.hls_to_rgb(hue, light, saturation)
    )


@dataclass(frozen=True, slots=True)
class Look:
    """All that a shape needs to draw one product."""

    base: str
    """The colour attribute, #rrggbb."""
    style: str
    brand: str
    words: tuple[str, ...]
    """The name in capitals, for the label."""
    turn: int
    """A number from the product's id: picks among variations."""

    @property
    def light(self) -> str:
        """The lit side."""
        return mix(self.base, WHITE, 0.42)

    @property
    def shade(self) -> str:
        """The side away from the light."""
        return mix(self.base, BLACK, 0.30)

    @property
    def deep(self) -> str:
        """A darker companion: lids, handles, folds."""
        return mix(self.base, BLACK, 0.62)

    @property
    def pale(self) -> str:
        """A much lighter companion: linings, paper, foam."""
        return mix(self.base, WHITE, 0.72)

    @property
    def ink(self) -> str:
        """Text and lines on a pale ground."""
        return mix(self.base, BLACK, 0.70)

    @property
    def contrast(self) -> str:
        """Text and lines on the product itself."""
        return mix(self.base, WHITE, 0.82) if brightness(self.base) < 0.5 else self.ink
