"""What the guards are shown: evidence gathered from a tally, the log and the other experiments."""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice

import msgspec
import numpy as np

from splitshelf.core.arrays import Bools, Floats
from splitshelf.core.clock import DAY, microseconds
from splitshelf.core.experiments import Experiment, Status
from splitshelf.core.protocols import Store
from splitshelf.prove.aggregation import are_machines, counts
from splitshelf.prove.experiments import RAMPED, changes, experiments
from splitshelf.prove.guards.finding import Evidence, Interaction
from splitshelf.prove.measuring import Columns, arms, earlier
from splitshelf.prove.outcomes import OUTCOMES
from splitshelf.prove.reweighing import REWEIGHED, drift, expected
from splitshelf.prove.statistics import ARMS, COMPARISONS
from splitshelf.prove.statistics.comparisons import Arm, Comparison
from splitshelf.prove.summaries import Summary, summarise
from splitshelf.prove.tallies import DayEffect, Tally, stored

FEW = 5
"""Pieces of stock below which a product is scarce."""
SAMPLE = 200
"""How many of the newest slates are looked at for scarce products."""


def gather(
    experiment: Experiment,
    store: Store,
    now: datetime,
    *,
    tally: Tally,
    columns: Columns,
    outcomes: Mapping[str, Mapping[str, Comparison]],
) -> Evidence:
    """The evidence on one experiment at `now`."""
    counted = counts(tally, experiment, now)
    started = experiment.started or now
    return Evidence(
        shoppers={name: len(rows["slates"]) for name, rows in columns.items()},
        weights=expected(experiment, store, tally, counted),
        switched=int(tally.switched.sum()),
        primary=experiment.primary,
        outcomes=outcomes,
        daily=daily_effects(tally, now),
        activity=daily_levels(tally, now),
        leverage=_leverage(experiment, columns),
        machines=_machines(experiment, tally),
        before=_before(experiment, columns),
        interactions=tuple(_interactions(experiment, store, tally, counted)),
        self_check=_self_check(experiment, tally, counted),
        delay=_delay(tally, started, now),
        ran=(now - started) / timedelta(hours=1),
        window=24.0 * experiment.window_days,
        scarce=_scarce(experiment, store, now),
        drift=drift(experiment, store, tally, counted),
        edited=edited(experiment, store),
    )


def edited(experiment: Experiment, store: Store) -> tuple[str, ...] | None:
    """The fields of a plan that are not as they were recorded at the start; None without a record.

    Only starting, ramping up, reweighing and stopping change an experiment; all are recorded.
    """
    history = changes(experiment.id, store)
    if not history:
        return None
    ramps = [step.plan.coverage for step in history if step.what == RAMPED]
    first = history[0].plan
    weighed = [step.plan.variants for step in history if step.what == REWEIGHED]
    planned = msgspec.structs.replace(
        first, coverage=max([first.coverage, *ramps]), variants=[first.variants, *weighed][-1]
    )
    return tuple(
        name
        for name in experiment.__struct_fields__
        if name not in {"status", "stopped"} and getattr(experiment, name) != getattr(planned, name)
    )


def daily_effects(tally: Tally, now: datetime) -> tuple[tuple[float, float], ...]:
    """For each whole day with a test: the first variant's difference and its error."""
    today = microseconds(now) // DAY
    return effects([day for day in tally.days if day.day < today])


def effects(days: Sequence[DayEffect]) -> tuple[tuple[float, float], ...]:
    """For each day with a test: the first variant's difference from the control, and its error."""
    found = []
    for day in days:
        (a, b), (ea, eb) = day.value[:2], day.error[:2]
        if a is None or b is None or ea is None or eb is None or min(day.n[:2]) < 2:
            continue
        if (error := math.hypot(ea, eb)) > 0:
            found.append((b - a, error))
    return tuple(found)


def daily_levels(tally: Tally, now: datetime) -> tuple[float, ...]:
    """For each whole day: the primary outcome over all variants, weighted by shoppers."""
    today = microseconds(now) // DAY
    return levels([day for day in tally.days if day.day < today])


def levels(days: Sequence[DayEffect]) -> tuple[float, ...]:
    """For each day with shoppers: the outcome over all variants, weighted by shoppers."""
    found = []
    for day in days:
        known = [(n, v) for n, v in zip(day.n, day.value, strict=True) if v is not None]
        if shoppers := sum(n for n, _ in known):
            found.append(sum(n * v for n, v in known) / shoppers)
    return tuple(found)


def _leverage(experiment: Experiment, columns: Columns) -> float:
    """The largest share of one shopper in an arm's variance; 0 for shares, which cannot jump."""
    outcome = OUTCOMES[experiment.primary]
    if outcome.kind == "proportion":
        return 0.0
    shares = [0.0]
    for rows in arms(outcome, columns, experiment).values():
        first = rows[~np.isnan(rows).any(axis=1), 0]
        spread = (first - first.mean()) ** 2 if len(first) else np.zeros(1)
        if len(first) >= SAMPLE and spread.sum() > 0:
            shares.append(float(spread.max() / spread.sum()))
    return max(shares)


def _machines(experiment: Experiment, tally: Tally) -> dict[str, int]:
    found = are_machines(tally.columns, experiment)
    return {
        variant.name: int((found & (tally.variant == code)).sum())
        for code, variant in enumerate(experiment.variants)
    }


def _before(experiment: Experiment, columns: Columns) -> dict[str, Comparison]:
    """The primary outcome before the start, each variant against the control."""
    outcome = OUTCOMES[experiment.primary]
    before = earlier(outcome, columns)
    if before is None:
        return {}
    summaries = {name: summarise(rows) for name, rows in before.items()}
    control = summaries[experiment.control.name]
    return {
        variant.name: COMPARISONS[outcome.kind](control, summaries[variant.name], experiment.alpha)
        for variant in experiment.variants[1:]
    }


def _self_check(experiment: Experiment, tally: Tally, counted: Bools) -> Comparison:
    """The primary outcome of the control's shoppers with odd hashes against the even ones."""
    control = counted & (tally.variant == 0)
    odd = (tally.units >> np.uint64(17)) % np.uint64(2) == 1
    even, uneven = (_summary(experiment, tally.rows(control & half)) for half in (~odd, odd))
    return COMPARISONS[OUTCOMES[experiment.primary].kind](even, uneven, experiment.alpha)


def _summary(experiment: Experiment, rows: Mapping[str, Floats]) -> Summary:
    return summarise(OUTCOMES[experiment.primary].values(rows))


def _interactions(
    experiment: Experiment, store: Store, tally: Tally, counted: Bools
) -> Iterator[Interaction]:
    """The contrast of cell means with every other running experiment that shares shoppers."""
    for other in experiments(store, Status.RUNNING):
        if other.id == experiment.id:
            continue
        theirs = stored(other, store)
        _, mine, their = np.intersect1d(
            tally.units, theirs.units, assume_unique=True, return_indices=True
        )
        arm = np.full(len(tally.units), -1, dtype=np.int8)
        arm[mine] = theirs.variant[their]
        cells = [
            [_cell(experiment, tally, counted & (tally.variant == a) & (arm == b)) for a in (0, 1)]
            for b in (0, 1)
        ]
        contrast = (cells[1][1].value - cells[1][0].value) - (cells[0][1].value - cells[0][0].value)
        error = math.hypot(*(cell.error for row in cells for cell in row))
        if math.isfinite(contrast) and math.isfinite(error):
            yield Interaction(other.id, contrast, error)


def _cell(experiment: Experiment, tally: Tally, chosen: Bools) -> Arm:
    summary = _summary(experiment, tally.rows(chosen))
    if summary.n < 2:
        return Arm(math.nan, math.nan, summary.n)
    return ARMS[OUTCOMES[experiment.primary].kind](summary)


def _delay(tally: Tally, started: datetime, now: datetime) -> float:
    """Hours in which nine of ten first purchases came, of shoppers of the test's first half."""
    half = microseconds(started + (now - started) / 2)
    delays = tally.columns["delay"][tally.first <= half]
    delays = delays[~np.isnan(delays)]
    return float(np.quantile(delays, 0.9)) if len(delays) else 0.0


def _scarce(experiment: Experiment, store: Store, now: datetime) -> float:
    """The share of places on some recent slates that held scarce products."""
    recent = store.scan_exposures(now - timedelta(days=1), now, experiment.id)
    names = [place.product for one in islice(recent, SAMPLE) for place in one.slate]
    scarce = {name: _is_scarce(store, name) for name in set(names)}
    return sum(scarce[name] for name in names) / len(names) if names else 0.0


def _is_scarce(store: Store, name: str) -> bool:
    product = store.product(name)
    return product is not None and product.stock is not None and product.stock < FEW
