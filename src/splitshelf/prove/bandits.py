"""Bandits over policies: each day is dealt by what the days before earned, and stays analysable.

A day is one batch. Within it every shopper has a known chance of each variant, by a hash of the
day and the shopper, so that a day is a randomised test of its own; the analysis compares within
days and then adds them up by their size, which no allocation can bias. The unit is a shopper on a
day. What a day says is kept as sums, so that a refresh reads only the days that ended since,
and the one before them for what came late.

With contexts the chances differ by situation, see `contextual`.
"""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
import numpy as np
from scipy import special

from splitshelf.core.arrays import Floats
from splitshelf.core.clock import DAY, microseconds, moment
from splitshelf.core.experiments import Experiment, Kind
from splitshelf.core.protocols import Documents, Store
from splitshelf.prove.contextual import (
    Level,
    deals,
    known,
    learned,
    levels,
    study,
    together,
    turned,
)
from splitshelf.prove.daily import Today, shoppers_of_day
from splitshelf.prove.dealing.learner import Lessons
from splitshelf.prove.outcomes import OUTCOMES
from splitshelf.prove.statistics import means
from splitshelf.prove.statistics.comparisons import Comparison, relative, silent
from splitshelf.prove.statistics.thompson import allocation
from splitshelf.prove.summaries import Summary, summarise

KIND = "bandit-days"
"""In msgpack, which holds the nan of an arm that nobody saw on a day; JSON, as it once was, not."""


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
    deals: dict[str, tuple[float, ...]] = {}
    """Of the day that runs, with contexts: the shares by situation; `weights` elsewhere."""
    levels: tuple[Level, ...] = ()
    """With contexts: what each variant would have brought to everybody."""
    dealt: Level | None = None
    """With contexts: what was brought by dealing as was dealt."""


def batches(experiment: Experiment, store: Documents) -> tuple[Batch, ...]:
    """The days so far, oldest first, the last one not ended."""
    body = store.document(KIND, experiment.id)
    if body is None:
        return ()
    decode = msgspec.json.decode if body.startswith(b"[") else msgspec.msgpack.decode
    return decode(body, type=tuple[Batch, ...])


def dealt(experiment: Experiment, store: Store, now: datetime) -> Experiment:
    """The experiment as it deals today: its weights are today's, its split is salted by the day.

    Others than bandits come back as they are. A day is read when it ended, once more when the next
    one has, for what came late, and then kept.
    """
    if experiment.kind is not Kind.BANDIT or experiment.started is None:
        return experiment
    before = batches(experiment, store)
    days = before or (_first(experiment),)
    today = microseconds(now) // DAY
    if days[-1].day < today:
        days = _advance(experiment, store, days, today)
    if days != before:
        store.put_document(KIND, experiment.id, msgspec.msgpack.encode(days))
    arms = tuple(
        msgspec.structs.replace(variant, weight=weight)
        for variant, weight in zip(experiment.variants, days[-1].weights, strict=True)
    )
    return msgspec.structs.replace(
        experiment, variants=arms, deals=days[-1].deals, batch=str(days[-1].day)
    )


def _advance(
    experiment: Experiment, store: Store, days: Sequence[Batch], today: int
) -> tuple[Batch, ...]:
    """The days with those that ended counted, and today's allocation at the end.

    The day before the one that ended is counted once more, for the events that came late.
    """
    *ended, last = days
    if ended:
        ended[-1], _ = _counted(experiment, store, ended[-1], again=True)
    counted, met = _counted(experiment, store, last, again=False)
    ended.append(counted)
    if experiment.contexts:
        return (*ended, _by_situation(experiment, store, counted, met, today))
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


def _counted(
    experiment: Experiment, store: Store, batch: Batch, *, again: bool
) -> tuple[Batch, Sequence[str]]:
    """A day that ended with what its shoppers did, and the situation of each of these.

    With contexts also what that says of each arm.
    """
    seen = _seen(experiment, store, batch.day)
    values = OUTCOMES[experiment.primary].values(seen.rows)
    arms = tuple(
        _day_of(summarise(values[seen.variant == code])) for code in range(len(experiment.variants))
    )
    counted = msgspec.structs.replace(batch, arms=arms)
    if not experiment.contexts:
        return counted, seen.situations
    lessons = _lessons(experiment, seen, values[:, 0])
    learnt = study(experiment, batch.day, lessons, store, again=again)
    if learnt.day != batch.day:
        return batch, lessons.situations  # another process is a day further
    found, brought = levels(lessons, learnt)
    had = np.array([batch.deals.get(one, batch.weights) for one in lessons.situations])
    sign = _sign(experiment)
    told = msgspec.structs.replace(
        counted,
        deals={},
        weights=batch.weights if again else _mean_of(had, batch.weights),
        levels=tuple(turned(one, sign) for one in found),
        dealt=turned(brought, sign),
    )
    return told, lessons.situations


def _by_situation(
    experiment: Experiment, store: Documents, ended: Batch, met: Sequence[str], today: int
) -> Batch:
    """Today with its shares, by what the days until the one that ended have taught.

    Their mean over the situations that were `met` then stands for those that were not.
    """
    arms = len(experiment.variants)
    learnt = learned(experiment, store)
    shares = deals(learnt, experiment.learner, arms, experiment.floor, today)
    now = np.array([shares.get(one, ended.weights) for one in met])
    by_situation = {name: tuple(share.tolist()) for name, share in shares.items()}
    return Batch(day=today, weights=_mean_of(now, ended.weights), deals=by_situation)


def _mean_of(shares: Floats, otherwise: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(shares.mean(axis=0).tolist()) if len(shares) else otherwise


def _lessons(experiment: Experiment, seen: Today, values: Floats) -> Lessons:
    """A day as the learners want it."""
    chance = seen.chance / experiment.coverage
    arms = len(experiment.variants)
    reward = _sign(experiment) * values
    return known(Lessons(seen.situations, seen.variant, chance, reward, arms))


def _sign(experiment: Experiment) -> float:
    return 1.0 if OUTCOMES[experiment.primary].higher_is_better else -1.0


def _first(experiment: Experiment) -> Batch:
    started = microseconds(experiment.started) if experiment.started else 0
    weights = tuple(variant.weight for variant in experiment.variants)
    return Batch(day=started // DAY, weights=weights)


def _seen(experiment: Experiment, store: Store, day: int) -> Today:
    """The shoppers of one day."""
    since = moment(day * DAY)
    until = since + timedelta(days=1)
    shown = store.scan_exposures(since, until, experiment.id)
    return shoppers_of_day(experiment, store, shown, since, until)


def _day_of(summary: Summary) -> DayOfArm:
    return DayOfArm(n=summary.n, mean=float(summary.mean[0]), m2=float(summary.m2[0, 0]))


def compared(
    experiment: Experiment, days: Sequence[Batch], code: int | None, alpha: float
) -> Comparison:
    """A variant against the control over the days that ended; `None`: what was dealt against it."""
    if not experiment.contexts:
        return stratified(days, code or 0, alpha)
    rows = [
        (sum(arm.n for arm in day.arms), day.levels[0], _one_of(day, code))
        for day in days
        if day.levels
    ]
    found = together(rows)
    return silent(math.nan, math.nan) if found is None else normal(*found, alpha)


def _one_of(day: Batch, code: int | None) -> Level:
    if code is not None:
        return day.levels[code]
    return day.dealt or day.levels[0]


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
