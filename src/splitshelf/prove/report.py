"""The report of an experiment: one HTML file that stands alone, on the screen and in print."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import jinja2

from splitshelf.core.experiments import Experiment, Kind
from splitshelf.prove.definitions import views
from splitshelf.prove.experiments import Change
from splitshelf.prove.facts import facts
from splitshelf.prove.gathering import effects
from splitshelf.prove.ledger import Entry
from splitshelf.prove.outcomes import MEASURED
from splitshelf.prove.plots import Bar, Point, course, forest, trend
from splitshelf.prove.segments import Segment
from splitshelf.prove.sentences import RULES
from splitshelf.prove.statistics.always_valid import half_width
from splitshelf.prove.tallies import DayEffect
from splitshelf.prove.verdict import Verdict

SPLIT = (
    "The unit is the shopper; events count from a shopper's first exposure on. Shares are tested "
    "by the pooled z (chi-squared without Yates' correction), means by Welch's t, ratios by the "
    "delta method. p tests the absolute difference; the relative interval inverts the same test "
    "and never contradicts it."
)
WAYS = {
    Kind.BANDIT: "The unit is a shopper on a day; what is done later than that day is not counted. "
    "Variants are compared within days, whose chances are known, and the days added up by their "
    "size; where chances differ by situation, by augmented inverse propensity weighting around a "
    "model of the days before.",
    Kind.SWITCHBACK: "The unit is the day: the t of the differences within pairs of days, of which "
    "one was the control's by a hash. The randomisation test over the flips stands beside it.",
    Kind.INTERLEAVING: "The unit is the shopper, who is one vote for the side whose products they "
    "clicked more; the share of the votes is tested against one half.",
}
"""How each kind of experiment is analysed; the others as SPLIT says."""


READING = "Differences relative to the control, with intervals of a fixed test."
VOTES = (
    "The shares of the votes that each side got. The change is by how much the votes for the "
    "variant outnumber the others."
)
LOG_TABLES = (
    "Each query gives the value of an outcome by variant, before capping and adjusting. They run "
    "in DuckDB over the log as events(moment, type, shopper, product, quantity, price, "
    '"order", exposure), exposures(id, moment, shopper, experiment, variant, took, products) and '
    "products(id, cost); "
    "moments are UTC, and shopper is the person where ids are linked."
)


class Described(Protocol):
    """An outcome, for people."""

    @property
    def title(self) -> str:
        """As in "Revenue per shopper"."""
        ...

    @property
    def definition(self) -> str:
        """One sentence."""
        ...

    @property
    def sql(self) -> str:
        """Its value by variant; empty where only the log can say."""
        ...


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a report says beside the verdict."""

    note: str
    """Why it was asked."""
    facts: Sequence[tuple[str, str]]
    """The plan, as names and values."""
    way: str
    """How it is analysed."""
    outcomes: Mapping[str, Described]
    views: str = ""
    """SQL that the outcomes' SQL reads; empty where there is none to show."""
    tables: str = ""
    """What that is and reads, in words."""
    changes: Sequence[Change] = ()
    ledger: Sequence[Entry] = ()
    """What cheaper ways of asking had said, where the experiment is decided."""
    reading: str = READING
    """What the change is."""


@dataclass(frozen=True, slots=True)
class Row:
    """One outcome of one variant, as it is printed."""

    outcome: str
    variant: str
    control: str
    value: str
    change: str
    interval: str
    p: str
    adjusted: str
    finds: str


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """One outcome of one variant in one segment, as it is printed."""

    outcome: str
    segment: str
    variant: str
    shoppers: str
    change: str
    interval: str
    p: str
    contrast: str
    differs: bool


def report(
    verdict: Verdict,
    plan: Experiment,
    changes: Sequence[Change] = (),
    ledger: Sequence[Entry] = (),
) -> str:
    """The report of an experiment as HTML; it asks for nothing from any other file or host.

    Of the `ledger` it tells what is of this experiment.
    """
    split = verdict.at is not None and plan.kind is Kind.SPLIT
    grounds = Grounds(
        note=plan.note or "No reason was noted.",
        facts=facts(plan),
        way=WAYS.get(plan.kind, SPLIT),
        outcomes=MEASURED,
        views=views(plan, verdict.at) if split and verdict.at else "",
        tables=LOG_TABLES,
        changes=changes,
        ledger=[entry for entry in ledger if entry.experiment == plan.id],
        reading=VOTES if plan.kind is Kind.INTERLEAVING else READING,
    )
    return page(verdict, grounds)


def page(verdict: Verdict, grounds: Grounds) -> str:
    """A verdict and its grounds as HTML that stands alone."""
    titles = {name: one.title for name, one in grounds.outcomes.items()}
    return _template().render(
        verdict=verdict,
        grounds=grounds,
        rule=RULES[verdict.method],
        titles=titles,
        when=f"{verdict.at:%Y-%m-%d %H:%M} UTC. " if verdict.at else "",
        total=sum(verdict.shoppers.values()),
        shoppers=", ".join(f"{name} {n:,}" for name, n in verdict.shoppers.items()),
        level=f"{1 - verdict.alpha:.0%}",
        rows=rows(verdict, titles),
        forest=forest(_bars(verdict, titles)),
        said=said(verdict),
        segment_rows=segment_rows(verdict, titles),
        untold=sum(not told(one) for split in verdict.segments for one in split.segments.values()),
        segment_forest=forest(_segment_bars(verdict)),
        course=course(dated_effects(verdict.days)),
        trends={name: trend(points) for name, points in so_far(verdict).items()},
        definitions=[grounds.outcomes[name] for name in verdict.outcomes],
    )


def dated_effects(days: Sequence[DayEffect]) -> list[Point]:
    """For each day with a test: the first variant's difference, and twice its error."""
    found = []
    for day in days:
        for difference, error in effects([day]):
            found.append(Point(day.day, difference, 2 * error))
    return found


def so_far(verdict: Verdict) -> dict[str, list[Point]]:
    """Variant -> its difference from the control by the end of each day, over all until then.

    With half the width of the interval that holds at every look at once.
    """
    names = list(verdict.shoppers)
    alpha = verdict.alpha / max(len(names) - 1, 1)
    found: dict[str, list[Point]] = {name: [] for name in names[1:]}
    for day in verdict.days:
        for code, name in enumerate(names[1:], 1):
            if (reached := _reached(day, code)) is None:
                continue
            difference, error, n = reached
            half = half_width(error, n, alpha)
            found[name].append(Point(day.day, difference, half))
    return {name: points for name, points in found.items() if len(points) > 1}


def _reached(day: DayEffect, code: int) -> tuple[float, float, int] | None:
    """Difference, its error and the shoppers of both arms; None where there is no test yet."""
    if len(day.total) <= code or min(day.total[0], day.total[code]) < 2:
        return None
    (a, b), (ea, eb) = ((one[0], one[code]) for one in (day.total_value, day.total_error))
    if a is None or b is None or ea is None or eb is None or not math.hypot(ea, eb) > 0:
        return None
    return b - a, math.hypot(ea, eb), day.total[0] + day.total[code]


def rows(verdict: Verdict, titles: Mapping[str, str]) -> list[Row]:
    """The table of outcomes, each with its p among the others."""
    return [
        Row(
            outcome=titles[name],
            variant=variant,
            control=_number(one.control),
            value=_number(one.value),
            change=_percent(one.relative),
            interval=_interval(one.relative_low, one.relative_high),
            p=_number(one.p),
            adjusted=_number(verdict.adjusted.get(name, {}).get(variant, math.nan)),
            finds=_size(verdict.detectable.get(name, {}).get(variant, math.nan)),
        )
        for name, by_variant in verdict.outcomes.items()
        for variant, one in by_variant.items()
    ]


def said(verdict: Verdict) -> list[str]:
    """What may be said of segments: where one differs, or that none is shown to."""
    apart = [
        split.why
        for split in verdict.segments
        if any(one.differs for one in split.segments.values())
    ]
    return apart or ["No segment is shown to differ: take the result of all."]


def told(segment: Segment) -> bool:
    """Whether a segment has an interval."""
    return not math.isnan(segment.comparison.relative_low)


def segment_rows(verdict: Verdict, titles: Mapping[str, str]) -> list[SegmentRow]:
    """The table of segments that have an interval, each with its p among all of them."""
    return [
        SegmentRow(
            outcome=titles[split.outcome],
            segment=f"{split.dimension}: {name}",
            variant=split.variant,
            shoppers=f"{sum(one.shoppers.values()):,}",
            change=_percent(one.comparison.relative),
            interval=_interval(one.comparison.relative_low, one.comparison.relative_high),
            p=_number(one.adjusted),
            contrast=_number(one.contrast_p),
            differs=one.differs,
        )
        for split in verdict.segments
        for name, one in split.segments.items()
        if told(one)
    ]


def _segment_bars(verdict: Verdict) -> list[Bar]:
    """The deciding outcome by segment."""
    several = len(verdict.standings) > 1
    return [
        Bar(
            f"{split.dimension}: {name}" + (f", {split.variant}" if several else ""),
            one.comparison.relative,
            one.comparison.relative_low,
            one.comparison.relative_high,
        )
        for split in verdict.segments
        if split.outcome == verdict.primary
        for name, one in split.segments.items()
    ]


def _bars(verdict: Verdict, titles: Mapping[str, str]) -> list[Bar]:
    several = len(verdict.standings) > 1
    return [
        Bar(
            f"{titles[name]}, {variant}" if several else titles[name],
            one.relative,
            one.relative_low,
            one.relative_high,
        )
        for name, by_variant in verdict.outcomes.items()
        for variant, one in by_variant.items()
    ]


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.4g}"


def _interval(low: float, high: float) -> str:
    return "none" if math.isnan(low + high) else f"{_percent(low)} to {_percent(high)}"


def _percent(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:+.2%}"


def _size(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.2%}"


@cache
def _template() -> jinja2.Template:
    loader = jinja2.PackageLoader("splitshelf.prove")
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True)
    environment.filters["share"] = _percent
    environment.filters["exact"] = lambda value: "-" if math.isnan(value) else f"{value:.8g}"
    return environment.get_template("report.html.j2")
