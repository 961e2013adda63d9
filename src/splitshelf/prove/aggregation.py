"""From the log to columns per shopper: read once a day, merged over days.

The unit is the shopper, known here by a salted 64-bit hash only, so that a stored tally names
nobody. What is settled (every day that ended more than a day ago, so that late events had their
chance) is stored; a refresh reads the log from there on.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from splitshelf.core.arrays import Bools, Bytes, Floats, Longs
from splitshelf.core.clock import DAY, microseconds, moment
from splitshelf.core.columns import EventColumns
from splitshelf.core.experiments import Experiment
from splitshelf.core.protocols import Store
from splitshelf.core.slates import Exposure
from splitshelf.prove.columns import COLUMNS, Day
from splitshelf.prove.tallies import Tally, store_tally, stored

Units: TypeAlias = NDArray[np.uint64]


def refresh(experiment: Experiment, store: Store, now: datetime) -> Tally:
    """The tally of an experiment at `now`; settled days are read once and kept.

    Raises nothing for an experiment that has not started: its tally is empty.
    """
    tally = stored(experiment, store)
    if experiment.started is None:
        return tally
    end = microseconds(min(now, experiment.stopped or now))
    settled = (microseconds(now) // DAY - 1) * DAY
    if tally.until < min(settled, end):
        tally = advance(tally, experiment, store, min(settled, end))
        store_tally(experiment, store, tally)
    return advance(tally, experiment, store, end)


def advance(tally: Tally, experiment: Experiment, store: Store, until: int) -> Tally:
    """The tally with the days up to `until` (microseconds UTC) added, each read on its own."""
    reading = Reading(experiment, store, costs_of(experiment, store))
    while tally.until < until:
        end = min((tally.until // DAY + 1) * DAY, until)
        since, before = moment(tally.until), moment(end)
        shown = Shown.of(store.scan_exposures(since, before, experiment.id), experiment)
        events = store.scan(since, before)
        tally = add_day(tally, shown, events, reading)
        tally = replace(tally, until=end)
    return tally


def costs_of(experiment: Experiment, store: Store) -> Mapping[str, float]:
    """Product -> what it costs the shop, where known; read only where margin is measured."""
    if "margin" not in {*experiment.outcomes, *experiment.guardrails, experiment.primary}:
        return {}
    return {
        product.id: float(product.cost) for product in store.products() if product.cost is not None
    }


@dataclass(frozen=True, slots=True)
class Reading:
    """What a day's columns need beside the day."""

    experiment: Experiment
    store: Store
    costs: Mapping[str, float]

    def slates_of(self, names: Sequence[str], shown: "Shown") -> Bools:
        """Which of the exposures that events name belong to the experiment, bool [len(names)]."""
        today = set(shown.ids)
        return np.array([name in today or self._is_ours(name) for name in names], dtype=bool)

    def _is_ours(self, name: str) -> bool:
        exposure = self.store.exposure(name)
        return exposure is not None and exposure.experiment == self.experiment.id


@dataclass(frozen=True, slots=True)
class Shown:
    """The exposures of a day, as arrays, oldest first."""

    ids: Sequence[str]
    unit: Units
    at: Longs
    variant: Bytes

    @classmethod
    def of(cls, exposures: Iterable[Exposure], experiment: Experiment) -> "Shown":
        """The exposures of the experiment's own variants; others cannot be attributed."""
        codes = {variant.name: code for code, variant in enumerate(experiment.variants)}
        hashed = hasher(experiment.id)
        rows = [
            (exposure.id, hashed(exposure.shopper), microseconds(exposure.at), code)
            for exposure in exposures
            if (code := codes.get(exposure.variant or "")) is not None
        ]
        return cls(
            [row[0] for row in rows],
            np.array([row[1] for row in rows], dtype=np.uint64),
            np.array([row[2] for row in rows], dtype=np.int64),
            np.array([row[3] for row in rows], dtype=np.int8),
        )


def hasher(salt: str) -> Callable[[str], int]:
    """A function from a shopper's name to 64 bits; another salt gives unrelated ones."""
    key = salt.encode()[:64]
    return lambda name: int.from_bytes(blake2b(name.encode(), digest_size=8, key=key).digest())


def add_day(tally: Tally, shown: Shown, events: EventColumns, reading: Reading) -> Tally:
    """The tally with one day's exposures and events added."""
    tally = enrol(tally, shown)
    day = day_of(tally, shown, events, reading)
    columns: dict[str, Floats] = {}
    for name, column in COLUMNS.items():
        columns[name] = column.merge(tally.columns[name], column.of(day))
    return replace(tally, columns=columns)


def enrol(tally: Tally, shown: Shown) -> Tally:
    """The tally with the newly exposed shoppers in it and the switched ones marked."""
    units, index = np.unique(np.concatenate([tally.units, shown.unit]), return_inverse=True)
    old, new = index[: len(tally.units)], index[len(tally.units) :]
    first = np.full(len(units), np.iinfo(np.int64).max)
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
    return Tally(tally.until, units, variant, first, switched, columns)


def day_of(tally: Tally, shown: Shown, events: EventColumns, reading: Reading) -> Day:
    """The events of enrolled shoppers at or after their first exposure, within the window."""
    window = reading.experiment.window_days * DAY or np.iinfo(np.int64).max
    hashed = hasher(reading.experiment.id)
    names = np.array([hashed(name) for name in events.shoppers], dtype=np.uint64)
    place = positions(tally.units, names)[events.shopper]
    since = events.at - tally.first[place]
    mine = np.flatnonzero((place >= 0) & (since >= 0) & (since < window))
    shown_place = positions(tally.units, shown.unit)
    in_window = shown.at - tally.first[shown_place] < window
    slate = events.exposure[mine]
    ours = np.append(reading.slates_of(events.exposures, shown), False)
    products = np.array([*(reading.costs.get(name, np.nan) for name in events.products), np.nan])
    return Day(
        n=len(tally.units),
        slates=np.bincount(shown_place[in_window], minlength=len(tally.units)).astype(np.float64),
        shopper=place[mine].astype(np.int32),
        at=events.at[mine],
        since=since[mine],
        type=events.type[mine],
        quantity=events.quantity[mine],
        price=events.price[mine],
        cost=products[events.product[mine]],
        order=events.order[mine],
        slate=np.where(ours[slate], slate, -1),
    )


def positions(units: Units, names: Units) -> Longs:
    """Where each name stands among the sorted units, int64; -1 where it does not."""
    if not len(units):
        return np.full(len(names), -1, dtype=np.int64)
    place = np.minimum(np.searchsorted(units, names), len(units) - 1)
    return np.where(units[place] == names, place, -1)


def by_variant(
    tally: Tally, experiment: Experiment, now: datetime
) -> Mapping[str, Mapping[str, Floats]]:
    """Variant -> column -> one value a shopper, for the shoppers who count at `now`.

    Those of several variants are out, and those whose window is not over yet.
    """
    ripe = tally.first + experiment.window_days * DAY <= microseconds(now)
    counted = ~tally.switched & ripe
    return {
        variant.name: tally.rows(counted & (tally.variant == code))
        for code, variant in enumerate(experiment.variants)
    }
