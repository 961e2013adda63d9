"""Switchback by day: everybody sees one variant on a day, so that nobody's stock is another's.

Days come in pairs, and a hash says which of the two gets which variant: each pair holds both. The
unit of the analysis is the day; how many shoppers a day has makes it quieter, but never more.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
import numpy as np
from scipy import special

from splitshelf.core.arrays import Floats
from splitshelf.core.assignment import first_day, variant_of_day
from splitshelf.core.days import day_bounds, local_day
from splitshelf.core.experiments import Experiment, Kind
from splitshelf.core.protocols import Store
from splitshelf.prove.daily import shoppers_of_day
from splitshelf.prove.outcomes import OUTCOMES
from splitshelf.prove.statistics import ARMS
from splitshelf.prove.statistics.comparisons import Comparison, relative, silent
from splitshelf.prove.summaries import summarise

KIND = "switchback-days"
EXACT = 14
"""Pairs up to which every flip is tried; above, so many as 2 ** EXACT are drawn."""


class SwitchbackDay(msgspec.Struct, frozen=True, kw_only=True):
    """One day that ended."""

    day: int
    """Days since 1970, in the shop's time zone."""
    variant: int
    """Which variant it had: 0 is the control."""
    shoppers: int
    slates: int
    strays: int
    """Slates that show another variant than the day's; left out."""
    values: dict[str, float | None]
    """Outcome -> its value over the shoppers of the day; None where there is none."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """An outcome on the two days of each pair; arrays have one entry a pair."""

    control: Floats
    value: Floats
    """float64 [n]: under the variant."""
    switched: tuple[bool | None, ...]
    """Whether the pair began with another variant than the day before it had; None of the first."""


def on_its_day(experiment: Experiment, now: datetime) -> Experiment:
    """The experiment as it stands today; others than switchbacks come back as they are."""
    if experiment.kind is not Kind.SWITCHBACK:
        return experiment
    return msgspec.structs.replace(experiment, batch=str(local_day(now, experiment.zone)))


def ended_days(
    experiment: Experiment, store: Store, now: datetime, outcomes: Sequence[str]
) -> tuple[SwitchbackDay, ...]:
    """The days of the plan that ended, oldest first; read once they have been over for a day."""
    body = store.document(KIND, experiment.id)
    kept = () if body is None else msgspec.json.decode(body, type=tuple[SwitchbackDay, ...])
    until = now if experiment.stopped is None else min(now, experiment.stopped)
    begin = first_day(experiment)
    end = min(local_day(until, experiment.zone), begin + experiment.planned_days)
    fresh = range(begin + len(kept), end)
    found = [*kept, *(_read(experiment, store, day, outcomes) for day in fresh)]
    settled = local_day(now - timedelta(days=1), experiment.zone) - begin
    if settled > len(kept) and len(found) > len(kept):
        store.put_document(KIND, experiment.id, msgspec.json.encode(found[:settled]))
    return tuple(found)


def _read(experiment: Experiment, store: Store, day: int, outcomes: Sequence[str]) -> SwitchbackDay:
    since, until = day_bounds(day, experiment.zone)
    arm = variant_of_day(experiment, day)
    shown = list(store.scan_exposures(since, until, experiment.id))
    right = [one for one in shown if arm is not None and one.variant == arm.name]
    rows = shoppers_of_day(experiment, store, right, since, until).rows
    values: dict[str, float | None] = {}
    for name in outcomes:
        outcome = OUTCOMES[name]
        one = ARMS[outcome.kind](summarise(outcome.values(rows))) if right else None
        values[name] = one.value if one and one.n and math.isfinite(one.value) else None
    return SwitchbackDay(
        day=day,
        variant=0 if arm == experiment.control else 1,
        shoppers=len(rows["slates"]),
        slates=len(shown),
        strays=len(shown) - len(right),
        values=values,
    )


def pairs_of(days: Sequence[SwitchbackDay], outcome: str) -> Pairs:
    """The complete pairs of an outcome; a day without a value takes its pair out."""
    control, value, switched = [], [], []
    for at in range(0, len(days) - 1, 2):
        pair = {one.variant: one.values.get(outcome) for one in days[at : at + 2]}
        a, b = pair.get(0), pair.get(1)
        if a is None or b is None:
            continue
        control.append(a)
        value.append(b)
        switched.append(days[at - 1].variant != days[at].variant if at else None)
    return Pairs(np.array(control), np.array(value), tuple(switched))


def paired(pairs: Pairs, alpha: float) -> Comparison:
    """The variant against the control by the t of the differences within pairs.

    The relative interval is that of the difference over the control's mean as it was measured.
    """
    n = len(pairs.control)
    base = float(pairs.control.mean()) if n else math.nan
    value = float(pairs.value.mean()) if n else math.nan
    differences = pairs.value - pairs.control
    error = float(differences.std(ddof=1)) / math.sqrt(n) if n > 1 else 0.0
    if not error > 0:
        return silent(value, base)
    half = float(-special.stdtrit(n - 1, alpha / 2)) * error
    gap, size = value - base, abs(base)
    return Comparison(
        control=base,
        value=value,
        difference=gap,
        low=gap - half,
        high=gap + half,
        relative=relative(value, base),
        relative_low=(gap - half) / size if size else math.nan,
        relative_high=(gap + half) / size if size else math.nan,
        statistic=gap / error,
        p=float(2 * special.stdtr(n - 1, -abs(gap / error))),
        error=error,
    )


def flip_p(pairs: Pairs, rng: np.random.Generator) -> float:
    """The p of the randomisation test: how often other flips of the pairs differ as much.

    It assumes nothing but the flips that were made. Exact up to `EXACT` pairs.
    """
    differences = pairs.value - pairs.control
    n = len(differences)
    if not n:
        return math.nan
    if n <= EXACT:
        signs = 1 - 2 * ((np.arange(2**n)[:, np.newaxis] >> np.arange(n)) & 1)
    else:
        signs = rng.choice([-1, 1], size=(2**EXACT, n))
        signs[0] = 1
    totals = np.abs(signs @ differences)
    return float((totals >= abs(differences.sum()) * (1 - 1e-12)).mean())
