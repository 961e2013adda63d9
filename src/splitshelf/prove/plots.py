"""The drawings of a report, as SVG that needs no script and prints well."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape

WIDTH = 640
ROW = 28
LEFT = 230
RIGHT = 110
HEIGHT, MARGIN = 200, 76
"""Of what is drawn over days, and what it leaves at its left."""
EPOCH = date(1970, 1, 1)


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
            f'<text class="tick" x="{across(tick):.1f}" y="{height - 6}">{_tick(tick)}</text>'
        )
    return "".join([*lines, "</svg>"])


def _size(value: float) -> str:
    return f"{value:+.2g}" if value else "0"


def _tick(value: float) -> str:
    return f"{value:+.1%}" if value else "0"


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


@dataclass(frozen=True, slots=True)
class Point:
    """A difference on one day, or by its end."""

    day: int
    """Days since 1970."""
    value: float
    half: float
    """Half the width of its interval."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where days and differences stand in a drawing."""

    first: int
    days: int
    """From the first to the last."""
    reach: float
    """The largest difference that fits."""

    def x(self, day: int) -> float:
        return MARGIN + (day - self.first) / max(self.days, 1) * (WIDTH - MARGIN - 30)

    def y(self, value: float) -> float:
        held = min(max(value, -self.reach), self.reach)
        return 10 + (self.reach - held) / (2 * self.reach) * (HEIGHT - 44)


def course(points: Sequence[Point]) -> str:
    """The difference of each day alone with its interval, oldest left; empty below two days."""
    if len(points) < 2:
        return ""
    reach = max(abs(one.value) + one.half for one in points)
    frame = _frame(points, reach)
    lines = _axes(frame, "The difference day by day")
    for one in points:
        x, low, high = frame.x(one.day), one.value - one.half, one.value + one.half
        lines.append(
            f'<line class="open" x1="{x:.1f}" x2="{x:.1f}" y1="{frame.y(low):.1f}" '
            f'y2="{frame.y(high):.1f}"/>'
        )
        lines.append(f'<circle class="open" cx="{x:.1f}" cy="{frame.y(one.value):.1f}" r="4"/>')
    return "".join([*lines, "</svg>"])


def trend(points: Sequence[Point]) -> str:
    """The difference over all until each day, in the band that holds on all days at once.

    Early bands are wide: they are cut where they reach far beyond the later ones.
    """
    known = [one for one in points if math.isfinite(one.half)]
    if len(known) < 2:
        return ""
    late = known[len(known) // 2 :]
    frame = _frame(known, 1.6 * max(abs(one.value) + one.half for one in late))
    lines = _axes(frame, "The difference over all shoppers so far")
    upper = [f"{frame.x(one.day):.1f},{frame.y(one.value + one.half):.1f}" for one in known]
    lower = [f"{frame.x(one.day):.1f},{frame.y(one.value - one.half):.1f}" for one in known]
    middle = [f"{frame.x(one.day):.1f},{frame.y(one.value):.1f}" for one in known]
    lines.append(f'<polygon class="band" points="{" ".join([*upper, *lower[::-1]])}"/>')
    lines.append(f'<polyline class="middle" points="{" ".join(middle)}"/>')
    return "".join([*lines, "</svg>"])


def _frame(points: Sequence[Point], reach: float) -> _Frame:
    return _Frame(points[0].day, points[-1].day - points[0].day, reach or 1.0)


def _axes(frame: _Frame, label: str) -> list[str]:
    """The opening of a drawing, with the differences at its left and the days below."""
    lines = [f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">']
    for value in (frame.reach / 1.2, 0.0, -frame.reach / 1.2):
        y = frame.y(value)
        lines.append(
            f'<line class="zero" x1="{MARGIN - 8}" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text class="tick side" x="{MARGIN - 14}" y="{y + 4:.1f}">{_size(value)}</text>'
        )
    steps = min(frame.days, 4) or 1
    for step in range(steps + 1):
        day = frame.first + round(step * frame.days / steps)
        when = EPOCH + timedelta(days=day)
        lines.append(
            f'<text class="tick" x="{frame.x(day):.1f}" y="{HEIGHT - 10}">{when:%d %b}</text>'
        )
    return lines
