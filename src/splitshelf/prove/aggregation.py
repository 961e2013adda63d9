"""From the log to columns per shopper: read once a day, merged over days.

The unit is the shopper, known here by a 64-bit hash only, so that a stored tally names nobody. What
is settled (every day that ended more than a day ago, so that late events had their chance) is
stored; a refresh reads the log from there on.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
import numpy as np

from splitshelf.core.arrays import Bools, Bytes, Floats, Longs
from splitshelf.core.clock import DAY, microseconds, moment
from splitshelf.core.experiments import Experiment
from splitshelf.core.protocols import Store
from splitshelf.prove.columns import COLUMNS
from splitshelf.prove.outcomes import OUTCOMES
from splitshelf.prove.reading import (
    NEVER,
    Reader,
    Shown,
    costs_of,
    members_of,
    positions,
    scope_of,
)
from splitshelf.prove.statistics import ARMS
from splitshelf.prove.statistics.comparisons import Arm
from splitshelf.prove.stretches import read_stretch
from splitshelf.prove.summaries import summarise
from splitshelf.prove.tallies import DayEffect, Labels, Tally, store_tally, stored

BUSIEST = 1000.0
"""Slates and acts on one day above which a shopper is a machine: a rule that asks for no arm."""
BEFORE = "tally-before"
"""The kind of the stored columns of before the start."""


def refresh(experiment: Experiment, store: Store, now: datetime) -> Tally:
    """The tally of an experiment at `now`; settled days are read once and kept."""
    tally = stored(experiment, store)
    if experiment.started is None:
        return tally
    end = now
    if experiment.stopped is not None:
        end = min(now, experiment.stopped + timedelta(days=experiment.window_days))
    until = microseconds(end)
    settled = min((microseconds(now) // DAY - 1) * DAY, until)
    if tally.until < settled:
        tally = advance(tally, experiment, store, settled)
        store_tally(experiment, store, tally)
    return advance(tally, experiment, store, until)


def advance(tally: Tally, experiment: Experiment, store: Store, until: int) -> Tally:
    """The tally with the days up to `until` (microseconds UTC) added, each read on its own."""
    if tally.until >= until:
        return tally
    reader = Reader(experiment, store, costs_of(experiment, store), members_of(store))
    while tally.until < until:
        tally = _add_day(tally, reader, min((tally.until // DAY + 1) * DAY, until))
    return tally


def _add_day(tally: Tally, reader: Reader, end: int) -> Tally:
    since, before = moment(tally.until), moment(end)
    experiment, store = reader.experiment, reader.store
    shown = Shown.of(
        store.scan_exposures(since, before, scope_of(experiment)), experiment, reader.members
    )
    today = tally.until // DAY
    tally = enrol(tally, shown)
    day = reader.day(tally.units, tally.first, shown, store.scan(since, before))
    counted = {name: column.of(day) for name, column in COLUMNS.items()}
    merged = {
        name: column.merge(tally.columns[name], counted[name]) for name, column in COLUMNS.items()
    }
    reached = replace(tally, until=end, columns=merged)
    effect = _effect(tally, reached, experiment, counted, today)
    return replace(reached, days=(*tally.days, effect))


def _effect(
    tally: Tally,
    reached: Tally,
    experiment: Experiment,
    counted: Mapping[str, Floats],
    today: int,
) -> DayEffect:
    """The primary outcome of the shoppers who were shown something that day, and of all so far."""
    here = (counted["slates"] > 0) & ~tally.switched & ~are_machines(counted, experiment)
    day = _arms(experiment, tally.variant, counted, here)
    every = counts(reached, experiment, moment(reached.until))
    total = _arms(experiment, reached.variant, reached.columns, every)
    return DayEffect(
        day=today,
        n=tuple(arm.n for arm in day),
        value=tuple(known(arm.value if arm.n else math.nan) for arm in day),
        error=tuple(known(arm.error) for arm in day),
        total=tuple(arm.n for arm in total),
        total_value=tuple(known(arm.value if arm.n else math.nan) for arm in total),
        total_error=tuple(known(arm.error) for arm in total),
    )


def _arms(
    experiment: Experiment, variant: Bytes, columns: Mapping[str, Floats], chosen: Bools
) -> list[Arm]:
    """The primary outcome of the chosen shoppers by variant, the control first."""
    outcome = OUTCOMES[experiment.primary]
    arms = []
    for code in range(len(experiment.variants)):
        who = chosen & (variant == code)
        rows = {name: columns[name][who] for name in outcome.needs}
        arms.append(ARMS[outcome.kind](summarise(outcome.values(rows))))
    return arms


def known(value: float) -> float | None:
    """The value, or None for nan: what JSON can hold."""
    return None if math.isnan(value) else value


def enrol(tally: Tally, shown: Shown) -> Tally:
    """The tally with the newly exposed shoppers in it and the switched ones marked."""
    units, index = np.unique(np.concatenate([tally.units, shown.unit]), return_inverse=True)
    old, new = index[: len(tally.units)], index[len(tally.units) :]
    first = np.full(len(units), NEVER)
    first[old] = tally.first
    np.minimum.at(first, new, shown.at)
    variant = np.full(len(units), -1, dtype=np.int8)
    variant[new[::-1]] = shown.variant[::-1]
    variant[old] = tally.variant
    switched = np.zeros(len(units), dtype=bool)
    switched[old] = tally.switched
    np.logical_or.at(switched, new, shown.variant != variant[new])
    columns: dict[str, Floats] = {}
    for name, column in COLUMNS.items():
        columns[name] = np.full(len(units), column.start)
        columns[name][old] = tally.columns[name]
    labels = {
        name: _labelled(one, shown.labels[name], (old, new), len(units))
        for name, one in tally.labels.items()
    }
    return Tally(tally.until, units, variant, first, switched, columns, labels, tally.days)


def _labelled(labels: Labels, found: Sequence[str], places: tuple[Longs, Longs], n: int) -> Labels:
    """The labels of n shoppers: the old ones at places[0], of the others what was found first."""
    codes = {name: code for code, name in enumerate(labels.names)}
    coded = [codes.setdefault(name, len(codes)) if name else -1 for name in found]
    code = np.full(n, -1, dtype=np.int32)
    old, new = places
    code[new[::-1]] = coded[::-1]
    code[old] = labels.code
    return Labels(tuple(codes), code)


def counts(tally: Tally, experiment: Experiment, now: datetime) -> Bools:
    """Which shoppers count at `now`, bool [n].

    Those of several variants are out, machines are out, and so is whoever is still in the window.
    """
    ripe = tally.first + experiment.window_days * DAY <= microseconds(now)
    return ~tally.switched & ripe & ~are_machines(tally.columns, experiment)


def are_machines(columns: Mapping[str, Floats], experiment: Experiment) -> Bools:
    """Which shoppers act as no person can, bool [n], by rules that ask for no arm.

    The rules of imports and training (core.machines), on the days of the experiment; and more
    slates and acts on one day than any shopper has.
    """
    found = columns["busiest"] > BUSIEST
    if rate := experiment.bot_views_per_minute:
        found |= (columns["fullest"] > rate) | (columns["odd"] > 0)
    return found


def by_variant(
    tally: Tally, experiment: Experiment, now: datetime, before: Mapping[str, Floats] | None = None
) -> Mapping[str, Mapping[str, Floats]]:
    """Variant -> column -> one value a shopper, for the shoppers who count at `now`.

    The columns of `before` join them under names that begin with "before_".
    """
    counted = counts(tally, experiment, now)
    earlier = {f"before_{name}": column for name, column in (before or {}).items()}
    every = replace(tally, columns={**tally.columns, **earlier})
    return {
        variant.name: every.rows(counted & (tally.variant == code))
        for code, variant in enumerate(experiment.variants)
    }


def before_columns(experiment: Experiment, store: Store, tally: Tally) -> Mapping[str, Floats]:
    """What each shopper of the tally did in the days before the start, float64 [n] a column.

    Read once and kept; empty where the experiment looks at no day before.
    """
    if not experiment.before_days or experiment.started is None:
        return {}
    body = store.document(BEFORE, experiment.id)
    if body is None:
        since = experiment.started - timedelta(days=experiment.before_days)
        found = read_stretch(experiment, store, since, experiment.started)
        arrays = {name: column.tobytes() for name, column in found.columns.items()}
        body = msgspec.msgpack.encode((found.units.tobytes(), arrays))
        store.put_document(BEFORE, experiment.id, body)
    units, columns = msgspec.msgpack.decode(body, type=tuple[bytes, dict[str, bytes]])
    place = positions(np.frombuffer(units, dtype=np.uint64), tally.units)
    return {
        name: np.append(np.frombuffer(column), COLUMNS[name].start)[place]
        for name, column in columns.items()
    }
