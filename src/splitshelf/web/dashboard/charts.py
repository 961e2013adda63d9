"""Charts as geometry: places in percent of the plot, so that text keeps its size on any screen.

The templates draw them as SVG with classes and presentation attributes only: the content security
policy allows no inline style. Every chart carries a sentence for those who do not see it, and its
figures as rows for a table.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

Point: TypeAlias = tuple[float, float]


class Show(Protocol):
    """How a value is written."""

    def __call__(self, value: float, digits: int = 1, /) -> str:
        """The value in words."""
        ...


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled place on an axis."""

    place: float
    """Percent, from the left or from the top."""
    label: str


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear scale from values to percent of the plot."""

    low: float
    high: float
    falling: bool = False
    """True for the vertical axis, where large values stand at the top."""

    def __call__(self, value: float) -> float:
        """The place of a value, in percent; values outside the scale stand at its edge.

        >>> Scale(0, 50)(10), Scale(0, 50, falling=True)(10), Scale(0, 50)(99)
        (20.0, 80.0, 100.0)
        """
        share = (value - self.low) / (self.high - self.low)
        share = min(1.0, max(0.0, share))
        return round(100 * (1 - share if self.falling else share), 3)


def steps(low: float, high: float, about: int = 5) -> list[float]:
    """Round values that cover [low, high]: multiples of 1, 2 or 5 times a power of ten.

    >>> steps(0, 47)
    [0.0, 10.0, 20.0, 30.0, 40.0, 50.0]
    >>> steps(-0.031, 0.12, 4)
    [-0.05, 0.0, 0.05, 0.1, 0.15]
    """
    raw = (high - low or 1.0) / about
    size = 10.0 ** math.floor(math.log10(raw))
    step = next((size * factor for factor in (1, 2, 5) if size * factor >= raw * 0.999), size * 10)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step, 12) for number in range(first, max(last, first + 1) + 1)]


def path(points: Sequence[Point]) -> str:
    """The path through points given in percent; the plot's view box is 100 x 100.

    >>> path([(0, 100), (50, 20.5)])
    'M0 100L50 20.5'
    """
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points) if points else ""


def area(upper: Sequence[Point], lower: Sequence[Point]) -> str:
    """The closed path between two lines over the same places.

    >>> area([(0, 1), (9, 2)], [(0, 5), (9, 6)])
    'M0 1L9 2L9 6L0 5Z'
    """
    return path([*upper, *reversed(lower)]) + "Z" if upper else ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One rectangle of a stacked column, in percent of the plot."""

    x: float
    y: float
    width: float
    height: float
    series: int


@dataclass(frozen=True, slots=True)
class Hover:
    """A strip of the plot that shows its figures when pointed at."""

    x: float
    width: float
    left: bool
    """Whether the figures stand to the left of the strip: they would leave the plot otherwise."""
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """Stacked columns over time."""

    bars: tuple[Bar, ...]
    hovers: tuple[Hover, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    summary: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def columns(
    labels: Sequence[str],
    series: Sequence[tuple[str, Sequence[float]]],
    *,
    summary: str,
    every: int = 10,
    first: str = "Minute",
) -> Columns:
    """Columns of one bar a label, the series stacked from the bottom in the order given.

    `first` is the head of the table's first column; every so many labels stand on the axis.
    """
    totals = [sum(values) for values in zip(*(values for _, values in series), strict=True)]
    marks = steps(0, max([*totals, 1]), 4)
    scale = Scale(0, marks[-1], falling=True)
    slot = 100 / len(labels)
    bars = []
    for place, _ in enumerate(labels):
        top = 0.0
        for number, (_, values) in enumerate(series):
            if values[place]:
                y = scale(top + values[place])
                bar = Bar(
                    x=round(place * slot + slot * 0.12, 3),
                    y=y,
                    width=round(slot * 0.76, 3),
                    height=round(scale(top) - y, 3),
                    series=number + 1,
                )
                bars.append(bar)
                top += values[place]
    rows = tuple(
        (label, *(f"{values[place]:,.0f}" for _, values in series))
        for place, label in enumerate(labels)
    )
    names = tuple(name for name, _ in series)
    return Columns(
        bars=tuple(bars),
        hovers=tuple(
            Hover(
                round(place * slot, 3),
                round(slot, 3),
                place * slot > 62,
                (row[0], *(f"{name}: {value}" for name, value in zip(names, row[1:], strict=True))),
            )
            for place, row in enumerate(rows)
        ),
        x_ticks=tuple(
            Tick(round((place + 0.5) * slot, 3), label)
            for place, label in enumerate(labels)
            if (len(labels) - 1 - place) % every == 0
        ),
        y_ticks=tuple(Tick(scale(mark), f"{mark:,.0f}") for mark in marks),
        summary=summary,
        head=(first, *names),
        rows=rows,
    )


@dataclass(frozen=True, slots=True)
class Spark:
    """A line without axes."""

    line: str
    fill: str


def spark(values: Sequence[float]) -> Spark:
    """The shape of a series; flat where nothing happened."""
    scale = Scale(0, max([*values, 1]), falling=True)
    slot = 100 / max(1, len(values) - 1)
    points = [(round(place * slot, 2), scale(value)) for place, value in enumerate(values)]
    ground = [(x, 100.0) for x, _ in points]
    return Spark(path(points), area(points, ground))


@dataclass(frozen=True, slots=True)
class Estimate:
    """An interval around an estimate, drawn on the scale of its table."""

    low: float
    high: float
    value: float
    zero: float
    truth: float | None
    """Where the simulator's true value stands."""
    tone: str


def estimates(
    intervals: Sequence[tuple[float, float, float, float | None, str]],
) -> tuple[list[Estimate], float, float]:
    """Intervals given as (low, value, high, truth, tone) on one common scale, and its two ends."""
    ends = [end for low, value, high, truth, _ in intervals for end in (low, value, high)]
    ends += [truth for *_, truth, _ in intervals if truth is not None]
    low, high = min([*ends, -0.01]), max([*ends, 0.01])
    margin = 0.04 * (high - low)
    scale = Scale(low - margin, high + margin)
    drawn = [
        Estimate(
            scale(left),
            scale(right),
            scale(value),
            scale(0),
            None if truth is None else scale(truth),
            tone,
        )
        for left, value, right, truth, tone in intervals
    ]
    return drawn, low, high


@dataclass(frozen=True, slots=True)
class Course:
    """An estimate over time with its band."""

    line: str
    band: str
    upper: str
    lower: str
    end: Point
    end_label: str
    end_shift: int
    """Pixels down: moves the label off the truth's where the two would touch."""
    zero: float | None
    truth: float | None
    truth_label: str
    truth_shift: int
    hovers: tuple[Hover, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    summary: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """One look at an estimate."""

    label: str
    value: float
    low: float
    high: float
    note: str = ""


def course(
    moments: Sequence[Moment],
    *,
    show: Show,
    truth: float | None,
    truth_label: str,
    summary: str,
    head: tuple[str, ...],
) -> Course:
    """The course of an estimate; early bands are cut where they reach far beyond the last."""
    last = moments[-1]
    width = max(last.high - last.low, 1e-9)
    floor, ceiling = last.value - 1.4 * width, last.value + 1.4 * width
    lows = [max(moment.low, floor) for moment in moments]
    highs = [min(moment.high, ceiling) for moment in moments]
    known = [0.0] if truth is None else [0.0, truth]
    marks = steps(min([*lows, *known]), max([*highs, *known]), 5)
    y = Scale(marks[0], marks[-1], falling=True)
    slot = 100 / max(1, len(moments) - 1)
    places = [round(index * slot, 3) for index in range(len(moments))]
    upper = [(x, y(moment.high)) for x, moment in zip(places, moments, strict=True)]
    lower = [(x, y(moment.low)) for x, moment in zip(places, moments, strict=True)]
    middle = [(x, y(moment.value)) for x, moment in zip(places, moments, strict=True)]
    end_shift, truth_shift = apart(middle[-1][1], None if truth is None else y(truth))
    rows = tuple(
        (m.label, show(m.value), show(m.low), show(m.high), *([m.note] if len(head) > 4 else []))
        for m in moments
    )
    return Course(
        line=path(middle),
        band=area(upper, lower),
        upper=path(upper),
        lower=path(lower),
        end=middle[-1],
        end_label=show(last.value),
        end_shift=end_shift,
        zero=y(0.0),
        truth=None if truth is None else y(truth),
        truth_label=truth_label,
        truth_shift=truth_shift,
        hovers=tuple(
            Hover(
                round(max(0.0, x - slot / 2), 3),
                round(slot, 3),
                x > 62,
                (
                    moment.label,
                    f"{show(moment.value)}",
                    f"{show(moment.low)} to {show(moment.high)}",
                ),
            )
            for x, moment in zip(places, moments, strict=True)
        ),
        x_ticks=sparse(places, [moment.label for moment in moments]),
        y_ticks=tuple(Tick(y(mark), show(mark, 0)) for mark in marks),
        summary=summary,
        head=head,
        rows=rows,
    )


def apart(estimate: float, truth: float | None) -> tuple[int, int]:
    """How far the two labels at the right edge move down, in pixels, so as not to touch.

    >>> apart(40.0, 80.0), apart(40.0, 41.0), apart(41.0, 40.0)
    ((4, 4), (-6, 15), (15, -6))
    """
    if truth is None or abs(estimate - truth) > 7:
        return 4, 4
    return (-6, 15) if estimate <= truth else (15, -6)


def sparse(places: Sequence[float], labels: Sequence[str], about: int = 6) -> tuple[Tick, ...]:
    """About six of the labels, the last one among them."""
    every = max(1, round(len(labels) / about))
    return tuple(
        Tick(place, label)
        for index, (place, label) in enumerate(zip(places, labels, strict=True))
        if (len(labels) - 1 - index) % every == 0
    )
