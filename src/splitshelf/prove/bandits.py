"""Bandits over policies: each day is dealt by what the days before earned, and stays analysable.

A day is one batch. Within it every shopper has a known chance of each variant, by a hash of the
day and the shopper, so that a day is a randomised test of its own; the analysis compares within
days and then adds them up by their size, which no allocation can bias. The unit is a shopper on a
day. What a day says is kept as sums, so that a refresh reads only the days that ended since.
"""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
import numpy as np
from scipy import special

from splitshelf.core.clock import DAY, microseconds, moment
from splitshelf.core.experiments import Experiment, Kind
from splitshelf.core.protocols import Documents, Store
from splitshelf.prove.daily import shoppers_of_day
from splitshelf.prove.outcomes import OUTCOMES
from splitshelf.prove.statistics import means
from splitshelf.prove.statistics.comparisons import Comparison, relative, silent
from splitshelf.prove.statistics.thompson import allocation
from splitshelf.prove.summaries import Summary, summarise

KIND = "bandit-days"


class DayOfArm(msgspec.Struct, frozen=True, kw_only=True):
    """What the shoppers of one variant did on one day, as sums."""

    n: int
    mean: float
    m2: float

    @property
    def summary(self) -> Summary:
        """The same as a summary of one column."""
        return Summary(self.n, np.array([self.mean]), np.array([[self.m2]]))


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """One day of a bandit."""

    day: int
    """Days since 1970."""
    weights: tuple[float, ...]
    """The share of each variant on that day, in their order."""
    arms: tuple[DayOfArm, ...] = ()
    """What each variant did; empty before the day has ended."""


def batches(experiment: Experiment, store: Documents) -> tuple[Batch, ...]:
    """The days so far, oldest first, the last one not ended."""
    body = store.document(KIND, experiment.id)
    return () if body is None else msgspec.json.decode(body, type=tuple[Batch, ...])


def dealt(experiment: Experiment, store: Store, now: datetime) -> Experiment:
    """The experiment as it deals today: its weights are today's, its split is salted by the day.

    Others than bandits come back as they are. Days that ended are read once, then kept.
    """
    if experiment.kind is not Kind.BANDIT or experiment.started is None:
        return experiment
    before = batches(experiment, store)
    known = before or (_first(experiment),)
    today = microseconds(now) // DAY
    if known[-1].day < today:
        known = _advance(experiment, store, known, today)
    if known != before:
        store.put_document(KIND, experiment.id, msgspec.json.encode(known))
    arms = tuple(
        msgspec.structs.replace(variant, weight=weight)
        for variant, weight in zip(experiment.variants, known[-1].weights, strict=True)
    )
    return msgspec.structs.replace(experiment, variants=arms, batch=str(known[-1].day))


def _advance(
    experiment: Experiment, store: Store, known: Sequence[Batch], today: int
) -> tuple[Batch, ...]:
    """The days with those that ended counted, and today's allocation at the end."""
    *ended, last = known
    ended.append(msgspec.structs.replace(last, arms=_counted(experiment, store, last.day)))
    outcome = OUTCOMES[experiment.primary]
    sums = [
        sum((batch.arms[code].summary for batch in ended), start=Summary.empty(1))
        for code in range(len(experiment.variants))
    ]
    weights = allocation(
        sums,
        outcome.kind,
        np.random.default_rng([today, len(ended)]),
        floor=experiment.floor,
        higher_is_better=outcome.higher_is_better,
    )
    return (*ended, Batch(day=today, weights=tuple(weights.tolist())))


def _first(experiment: Experiment) -> Batch:
    started = microseconds(experiment.started) if experiment.started else 0
    weights = tuple(variant.weight for variant in experiment.variants)
    return Batch(day=started // DAY, weights=weights)


def _counted(experiment: Experiment, store: Store, day: int) -> tuple[DayOfArm, ...]:
    """What each variant's shoppers did on one day, after their first slate of it."""
    since = moment(day * DAY)
    until = since + timedelta(days=1)
    shown = store.scan_exposures(since, until, experiment.id)
    variant, rows = shoppers_of_day(experiment, store, shown, since, until)
    values = OUTCOMES[experiment.primary].values(rows)
    return tuple(
        _day_of(summarise(values[variant == code])) for code in range(len(experiment.variants))
    )


def _day_of(summary: Summary) -> DayOfArm:
    return DayOfArm(n=summary.n, mean=float(summary.mean[0]), m2=float(summary.m2[0, 0]))


def stratified(days: Sequence[Batch], code: int, alpha: float) -> Comparison:
    """A variant against the control, within days, added up by the shoppers of each day.

    Days without two shoppers in either arm say nothing and are left out. Shares are taken as means:
    the sample's variance is unbiased for the few shoppers of an arm at the floor.
    """
    rows = []
    for day in days:
        if not day.arms or min(day.arms[0].n, day.arms[code].n) < 2:
            continue
        control, arm = (means.arm(day.arms[one].summary) for one in (0, code))
        rows.append((sum(one.n for one in day.arms), control, arm))
    if not rows:
        return silent(math.nan, math.nan)
    total = sum(n for n, _, _ in rows)
    base = sum(n * control.value for n, control, _ in rows) / total
    value = sum(n * arm.value for n, _, arm in rows) / total
    error = math.hypot(*(n * math.hypot(c.error, a.error) for n, c, a in rows)) / total
    return normal(base, value, error, alpha)


def normal(base: float, value: float, error: float, alpha: float) -> Comparison:
    """The comparison of two estimates whose difference has such an error, by the normal law."""
    if not error > 0:
        return silent(value, base)
    half = float(-special.ndtri(alpha / 2)) * error
    z = (value - base) / error
    size = abs(base)
    return Comparison(
        control=base,
        value=value,
        difference=value - base,
        low=value - base - half,
        high=value - base + half,
        relative=relative(value, base),
        relative_low=(value - base - half) / size if size else math.nan,
        relative_high=(value - base + half) / size if size else math.nan,
        statistic=z,
        p=float(2 * special.ndtr(-abs(z))),
        error=error,
    )
