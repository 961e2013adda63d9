"""The two drawings of a report, as SVG that needs no script and prints well."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 640
ROW = 28
LEFT = 230
RIGHT = 110


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a forest plot."""

    label: str
    value: float
    low: float
    """nan where there is no interval: then only the label is drawn."""
    high: float


def forest(bars: Sequence[Bar]) -> str:
    """The intervals under one another, on one axis of per cent with zero marked."""
    known = [x for bar in bars for x in (bar.low, bar.high, bar.value) if math.isfinite(x)]
    reach = max([abs(x) for x in known], default=0.01) * 1.08 or 0.01

    def across(value: float) -> float:
        return LEFT + (value + reach) / (2 * reach) * (WIDTH - LEFT - RIGHT)

    height = ROW * len(bars) + 24
    lines = [
        (
            f'<svg class="plot" viewBox="0 0 {WIDTH} {height}" role="img" '
            'aria-label="Relative differences with their intervals">'
        ),
        f'<line class="zero" x1="{across(0):.1f}" x2="{across(0):.1f}" y1="4" y2="{height - 20}"/>',
    ]
    for row, bar in enumerate(bars):
        lines += _row(bar, ROW * row + ROW / 2 + 4, across)
    for tick in (-reach / 1.08, 0.0, reach / 1.08):
        lines.append(
            f'<text class="tick" x="{across(tick):.1f}" y="{height - 6}">{tick:+.1%}</text>'
        )
    return "".join([*lines, "</svg>"])


def _row(bar: Bar, y: float, across: Callable[[float], float]) -> list[str]:
    lines = [f'<text class="label" x="0" y="{y + 4:.1f}">{escape(bar.label)}</text>']
    if not math.isfinite(bar.low + bar.high):
        return [*lines, f'<text class="number" x="{LEFT}" y="{y + 4:.1f}">no interval</text>']
    side = "up" if bar.low > 0 else "down" if bar.high < 0 else "open"
    lines.append(
        f'<line class="{side}" x1="{across(bar.low):.1f}" x2="{across(bar.high):.1f}" '
        f'y1="{y:.1f}" y2="{y:.1f}"/>'
    )
    lines.append(f'<circle class="{side}" cx="{across(bar.value):.1f}" cy="{y:.1f}" r="5"/>')
    lines.append(
        f'<text class="number" x="{WIDTH - RIGHT + 12}" y="{y + 4:.1f}">{bar.value:+.2%}</text>'
    )
    return lines


def course(points: Sequence[tuple[float, float]]) -> str:
    """Daily differences with twice their error, oldest left; empty below two days."""
    if len(points) < 2:
        return ""
    height, reach = 180, max(abs(value) + 2 * error for value, error in points) or 1.0

    def down(value: float) -> float:
        return 10 + (reach - value) / (2 * reach) * (height - 20)

    step = (WIDTH - 20) / len(points)
    lines = [
        (
            f'<svg class="plot" viewBox="0 0 {WIDTH} {height}" role="img" '
            'aria-label="The difference day by day">'
        ),
        f'<line class="zero" x1="0" x2="{WIDTH}" y1="{down(0):.1f}" y2="{down(0):.1f}"/>',
    ]
    for day, (value, error) in enumerate(points):
        x = 10 + step * (day + 0.5)
        lines.append(
            f'<line class="open" x1="{x:.1f}" x2="{x:.1f}" y1="{down(value - 2 * error):.1f}" '
            f'y2="{down(value + 2 * error):.1f}"/>'
        )
        lines.append(f'<circle class="open" cx="{x:.1f}" cy="{down(value):.1f}" r="4"/>')
    return "".join([*lines, "</svg>"])
