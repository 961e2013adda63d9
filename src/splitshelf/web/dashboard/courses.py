"""How an estimate settled: the same analysis over the first shoppers, the first few more, ..."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from splitshelf.core.arrays import Bools, Floats, Longs
from splitshelf.core.clock import moment
from splitshelf.core.experiments import Experiment, Kind
from splitshelf.prove.aggregation import counts
from splitshelf.prove.outcomes import OUTCOMES
from splitshelf.prove.statistics import COMPARISONS
from splitshelf.prove.statistics.always_valid import interval
from splitshelf.prove.statistics.comparisons import Comparison
from splitshelf.prove.summaries import summarise
from splitshelf.prove.tallies import Tally

FEWEST = 100
"""Shoppers before the first point: fewer say nothing."""


@dataclass(frozen=True, slots=True)
class CoursePoint:
    """The estimate over the shoppers who had come by then."""

    at: datetime
    shoppers: int
    value: float
    """Relative to the control; so are the ends of the always-valid interval."""
    low: float
    high: float


def course_of(
    experiment: Experiment, tally: Tally, now: datetime, points: int = 40
) -> tuple[CoursePoint, ...]:
    """The primary outcome of the first variant, over ever more shoppers in the order they came.

    Evenly spaced in shoppers, so that the last point stands on the data of the verdict. Points
    without an interval, as before the first purchase of the control, are left out.
    """
    if experiment.kind in {Kind.INTERLEAVING, Kind.BANDIT, Kind.SWITCHBACK}:
        return ()
    counted = counts(tally, experiment, now) & (tally.variant <= 1)
    total = int(counted.sum())
    if total < FEWEST:
        return ()
    entered = np.sort(tally.first[counted])
    fewest = max(FEWEST, total // 20)
    sizes = np.unique(np.linspace(fewest, total, points).astype(np.int64))
    found = [_point(experiment, tally, counted, entered, int(size)) for size in sizes]
    return tuple(point for point in found if point is not None)


def _point(
    experiment: Experiment, tally: Tally, counted: Bools, entered: Longs, size: int
) -> CoursePoint | None:
    until = int(entered[size - 1])
    chosen = counted & (tally.first <= until)
    control, variant = (tally.rows(chosen & (tally.variant == code)) for code in (0, 1))
    comparison = _compare(experiment, control, variant)
    low, high = interval(comparison, size, experiment.alpha)
    if not np.isfinite([comparison.relative, low, high]).all():
        return None
    base = abs(comparison.control)
    return CoursePoint(moment(until), size, comparison.difference / base, low / base, high / base)


def _compare(
    experiment: Experiment, control: Mapping[str, Floats], variant: Mapping[str, Floats]
) -> Comparison:
    outcome = OUTCOMES[experiment.primary]
    return COMPARISONS[outcome.kind](
        summarise(outcome.values(control)), summarise(outcome.values(variant)), experiment.alpha
    )
