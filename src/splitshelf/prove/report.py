"""The report of an experiment: one HTML file that stands alone, on the screen and in print."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import jinja2

from splitshelf.core.experiments import Experiment, Kind
from splitshelf.prove.definitions import views
from splitshelf.prove.experiments import Change
from splitshelf.prove.gathering import effects
from splitshelf.prove.outcomes import MEASURED
from splitshelf.prove.plots import Bar, course, forest
from splitshelf.prove.segments import Segment
from splitshelf.prove.statistics.comparisons import Comparison
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


def report(verdict: Verdict, plan: Experiment, changes: Sequence[Change] = ()) -> str:
    """The report as HTML; it asks for nothing from any other file or host."""
    measured = [MEASURED[name] for name in verdict.outcomes]
    return _template().render(
        verdict=verdict,
        plan=plan,
        changes=changes,
        when=f"{verdict.at:%Y-%m-%d %H:%M} UTC" if verdict.at else "",
        total=sum(verdict.shoppers.values()),
        shoppers=", ".join(f"{name} {n:,}" for name, n in verdict.shoppers.items()),
        level=f"{1 - verdict.alpha:.0%}",
        rows=rows(verdict),
        forest=forest(_bars(verdict)),
        said=said(verdict),
        segment_rows=segment_rows(verdict),
        untold=sum(not told(one) for split in verdict.segments for one in split.segments.values()),
        way=WAYS.get(plan.kind, SPLIT),
        segment_forest=forest(_segment_bars(verdict)),
        course=course(effects(verdict.days)),
        definitions=measured,
        views=views(plan, verdict.at) if verdict.at and plan.kind is Kind.SPLIT else "",
        facts=facts(plan),
    )


def rows(verdict: Verdict) -> list[Row]:
    """The table of outcomes, each with its p among the others."""
    return [
        _row(name, variant, one, verdict.adjusted.get(name, {}).get(variant, math.nan))
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


def segment_rows(verdict: Verdict) -> list[SegmentRow]:
    """The table of segments that have an interval, each with its p among all of them."""
    return [
        SegmentRow(
            outcome=MEASURED[split.outcome].title,
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


def facts(plan: Experiment) -> list[tuple[str, str]]:
    """The frozen plan, as names and values."""
    variants = ", ".join(f"{one.name} ({one.policy}, {one.weight:.0%})" for one in plan.variants)
    return [
        ("Variants", variants),
        *([("Dealt by", f"{', '.join(plan.contexts)} ({plan.learner})")] if plan.contexts else []),
        ("Placements", ", ".join(plan.placements) or "all"),
        ("Share of shoppers", f"{plan.coverage:.0%}"),
        ("Primary outcome", plan.primary),
        ("Guardrails", ", ".join(f"{k} {v:.1%}" for k, v in plan.guardrails.items()) or "none"),
        ("Alpha", f"{plan.alpha:g}, two-sided"),
        ("Planned shoppers", f"{plan.planned_shoppers:,}" if plan.planned_shoppers else "open"),
        ("Planned looks", str(plan.looks) if plan.planned_shoppers else "any time"),
        ("Window", f"{plan.window_days} days" if plan.window_days else "none"),
        ("Adjusted by", f"{plan.before_days} days before" if plan.before_days else "nothing"),
        ("Money capped at", f"quantile {plan.cap:g} of buyers" if plan.cap else "nothing"),
        ("Started", f"{plan.started:%Y-%m-%d %H:%M} UTC" if plan.started else "not yet"),
        ("Stopped", f"{plan.stopped:%Y-%m-%d %H:%M} UTC" if plan.stopped else "no"),
    ]


def _row(name: str, variant: str, one: Comparison, adjusted: float) -> Row:
    return Row(
        outcome=MEASURED[name].title,
        variant=variant,
        control=_number(one.control),
        value=_number(one.value),
        change=_percent(one.relative),
        interval=_interval(one.relative_low, one.relative_high),
        p=_number(one.p),
        adjusted=_number(adjusted),
    )


def _bars(verdict: Verdict) -> list[Bar]:
    several = len(verdict.standings) > 1
    return [
        Bar(
            f"{MEASURED[name].title}, {variant}" if several else MEASURED[name].title,
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


@cache
def _template() -> jinja2.Template:
    loader = jinja2.PackageLoader("splitshelf.prove")
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True)
    environment.filters["share"] = _percent
    environment.filters["exact"] = lambda value: "-" if math.isnan(value) else f"{value:.8g}"
    return environment.get_template("report.html.j2")
