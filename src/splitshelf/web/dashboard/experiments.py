"""An experiment as its page shows it: words first, then numbers, then drawings."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from splitshelf.core.experiments import Experiment, Status
from splitshelf.prove.outcomes import MEASURED
from splitshelf.prove.segments import Split
from splitshelf.prove.statistics.comparisons import Comparison
from splitshelf.prove.verdict import Decision, Verdict
from splitshelf.web.dashboard.charts import Course, Estimate, Moment, course, estimates
from splitshelf.web.dashboard.courses import CoursePoint
from splitshelf.web.dashboard.rows import finite, is_drawable, shown, tone_of
from splitshelf.web.dashboard.segments import SegmentRow, notable, segment_rows
from splitshelf.web.dashboard.verdicts import Report
from splitshelf.web.words import compact, number, percent, signed

TONES = {
    Decision.SHIP: "good",
    Decision.KEEP: "calm",
    Decision.TEST: "good",
    Decision.PAYS: "good",
    Decision.UNDECIDED: "warn",
    Decision.VOID: "bad",
}
"""The colour of a decision."""

DECISIONS = {
    Decision.SHIP: "Ship it",
    Decision.KEEP: "Keep the control",
    Decision.TEST: "Worth an experiment",
    Decision.PAYS: "It pays",
    Decision.UNDECIDED: "Not decided yet",
    Decision.VOID: "Void",
}
"""A decision as a headline."""


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """One outcome of one variant."""

    title: str
    role: str
    """primary, guardrail or nothing."""
    variant: str
    control: str
    value: str
    lift: str
    interval: str
    p: str
    definition: str
    truth: str
    drawing: Estimate | None
    tone: str


@dataclass(frozen=True, slots=True)
class Lead:
    """The variant that stands best in the primary outcome, in a line."""

    variant: str
    lift: str
    interval: str
    chance: str
    tone: str


@dataclass(frozen=True, slots=True)
class ExperimentPage:
    """All that the page of an experiment shows."""

    experiment: Experiment
    verdict: Verdict
    headline: str
    tone: str
    primary: str
    days: int
    shoppers: int
    lead: Lead | None
    rows: tuple[OutcomeRow, ...]
    scale: tuple[str, str]
    """What the ends of the drawn intervals stand for."""
    segments: tuple[SegmentRow, ...]
    notable: tuple[Split, ...]
    """Where a segment is shown to differ, of all outcomes."""
    course: Course | None
    has_truth: bool
    progress: float | None
    """Share of the planned shoppers, where there is a plan."""


def page_of(report: Report, currency: str, now: datetime) -> ExperimentPage:
    """The page's values."""
    verdict, experiment = report.verdict, report.experiment
    rows, scale = outcome_rows(report, currency)
    total = sum(verdict.shoppers.values())
    end = experiment.stopped or now
    days = (end - experiment.started).days if experiment.started else 0
    planned = experiment.planned_shoppers
    return ExperimentPage(
        experiment=experiment,
        verdict=verdict,
        headline=headline(verdict),
        tone=TONES[verdict.decision],
        primary=MEASURED[verdict.primary].title,
        days=days + 1,
        shoppers=total,
        lead=lead(verdict),
        rows=rows,
        scale=scale,
        segments=segment_rows(verdict, currency),
        notable=notable(verdict),
        course=course_chart(report),
        has_truth=bool(report.truth),
        progress=min(1.0, total / planned) if planned else None,
    )


def headline(verdict: Verdict) -> str:
    """The decision in two words, with the winner's name where there is one."""
    if verdict.decision is Decision.SHIP and verdict.winner:
        return f"Ship {verdict.winner}"
    return DECISIONS[verdict.decision]


def lead(verdict: Verdict) -> Lead | None:
    """The variant most likely to be better, with the interval that the decision rests on."""
    known = {
        name: standing
        for name, standing in verdict.standings.items()
        if standing.chance_to_win is not None
    }
    if not known:
        return None
    name = max(known, key=lambda one: known[one].chance_to_win or 0.0)
    standing, comparison = known[name], verdict.outcomes[verdict.primary][name]
    base = abs(comparison.control)
    low, high = (
        standing.low / base if base else math.nan,
        standing.high / base if base else math.nan,
    )
    tone = ("good" if standing.better else "bad") if standing.significant else "calm"
    return Lead(
        variant=name,
        lift=signed(finite(comparison.relative)),
        interval=f"{signed(finite(low))} to {signed(finite(high))}",
        chance=percent(standing.chance_to_win, 0),
        tone=tone,
    )


def outcome_rows(report: Report, currency: str) -> tuple[tuple[OutcomeRow, ...], tuple[str, str]]:
    """Every outcome of every variant, and the two ends of the scale that they share."""
    verdict = report.verdict
    pairs = [
        (name, variant, comparison)
        for name, by_variant in verdict.outcomes.items()
        for variant, comparison in by_variant.items()
    ]
    drawn = [pair for pair in pairs if is_drawable(pair[2])]
    drawings, low, high = estimates(
        [
            (
                comparison.relative_low,
                comparison.relative,
                comparison.relative_high,
                report.truth.get(name),
                tone_of(MEASURED[name], comparison),
            )
            for name, _, comparison in drawn
        ]
    )
    places = {(name, variant): one for (name, variant, _), one in zip(drawn, drawings, strict=True)}
    rows = tuple(
        outcome_row(report, name, variant, comparison, places.get((name, variant)), currency)
        for name, variant, comparison in pairs
    )
    return rows, (signed(low, 0), signed(high, 0))


def outcome_row(  # noqa: PLR0917 (one row is made of this many independent things)
    report: Report,
    name: str,
    variant: str,
    comparison: Comparison,
    drawing: Estimate | None,
    currency: str,
) -> OutcomeRow:
    """One line of the table."""
    outcome = MEASURED[name]
    truth = report.truth.get(name)
    low, high = finite(comparison.relative_low), finite(comparison.relative_high)
    return OutcomeRow(
        title=outcome.title,
        role=role_of(report.experiment, name),
        variant=variant,
        control=shown(comparison.control, outcome.unit, currency),
        value=shown(comparison.value, outcome.unit, currency),
        lift=signed(finite(comparison.relative)),
        interval="too early" if low is None else f"{signed(low)} to {signed(high)}",
        p=number(finite(comparison.p), 3) if not 0 <= comparison.p < 0.001 else "< 0.001",
        definition=outcome.definition,
        truth="" if truth is None else signed(truth),
        drawing=drawing,
        tone=tone_of(outcome, comparison),
    )


def role_of(experiment: Experiment, name: str) -> str:
    """What an outcome is there for."""
    if name == experiment.primary:
        return "decides"
    return "guardrail" if name in experiment.guardrails else ""


def course_chart(report: Report) -> Course | None:
    """The drawing of how the lift settled; None before there is something to draw."""
    if len(report.course) < 3:
        return None
    truth = report.truth.get(report.verdict.primary)
    return course(
        moments(report.course),
        show=signed,
        truth=truth,
        truth_label="" if truth is None else f"true {signed(truth)}",
        summary=course_summary(report.course),
        head=("Shoppers", "Lift", "From", "To", "Until"),
    )


def moments(points: Sequence[CoursePoint]) -> list[Moment]:
    """The points as the chart wants them: the horizontal axis counts shoppers."""
    return [
        Moment(
            label=compact(point.shoppers),
            value=point.value,
            low=point.low,
            high=point.high,
            note=f"{point.at:%-d %b %H:%M}",
        )
        for point in points
    ]


def course_summary(points: Sequence[CoursePoint]) -> str:
    """The chart in a sentence."""
    last = points[-1]
    return (
        f"after {number(last.shoppers)} shoppers the lift is {signed(last.value)}, "
        f"always-valid interval {signed(last.low)} to {signed(last.high)}."
    )


@dataclass(frozen=True, slots=True)
class ExperimentCard:
    """One experiment in the list."""

    id: str
    status: Status
    started: datetime | None
    note: str
    headline: str
    tone: str
    why: str
    lead: Lead | None
    primary: str
    shoppers: int


def card_of(report: Report) -> ExperimentCard:
    """The experiment in a few lines."""
    verdict, experiment = report.verdict, report.experiment
    return ExperimentCard(
        id=experiment.id,
        status=experiment.status,
        started=experiment.started,
        note=experiment.note,
        headline=headline(verdict),
        tone=TONES[verdict.decision],
        why=verdict.why,
        lead=lead(verdict),
        primary=MEASURED[verdict.primary].title,
        shoppers=sum(verdict.shoppers.values()),
    )
