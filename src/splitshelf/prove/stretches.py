"""A stretch of the log as columns per shopper, where no experiment is asked about.

Plans read what is to come from it, CUPED and CUPAC what was before. Days are read one by one and
merged as in an experiment, so that an outcome means the same here and there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec
import numpy as np

from splitshelf.core.arrays import Bools, Floats, Longs
from splitshelf.core.clock import DAY, microseconds, moment
from splitshelf.core.columns import EventColumns
from splitshelf.core.experiments import Experiment, Kind
from splitshelf.core.protocols import Store
from splitshelf.core.slates import Exposure
from splitshelf.prove.columns import COLUMNS
from splitshelf.prove.reading import (
    NEVER,
    Names,
    Reader,
    Shown,
    Units,
    costs_of,
    members_of,
    positions,
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Shoppers and what they did; arrays have one entry a shopper."""

    units: Units
    """uint64 [n]: sorted."""
    first: Longs
    """int64 [n]: microseconds UTC at which each was first seen."""
    columns: Mapping[str, Floats]
    """name of `COLUMNS` -> float64 [n]."""

    def of(self, units: Units) -> dict[str, Floats]:
        """The columns of other units, in their order; of strangers as before their first day."""
        place = positions(self.units, units)
        return {
            name: np.append(column, COLUMNS[name].start)[place]
            for name, column in self.columns.items()
        }

    def chosen(self, rows: Bools) -> "Stretch":
        """Some of the shoppers."""
        columns = {name: column[rows] for name, column in self.columns.items()}
        return Stretch(self.units[rows], self.first[rows], columns)


def read_stretch(experiment: Experiment, store: Store, since: datetime, until: datetime) -> Stretch:
    """Everybody who was shown something on the placements of the experiment, or did anything.

    Nobody had a variant of it yet. Every slate counts, and a click on any.
    """
    plain = msgspec.structs.replace(experiment, kind=Kind.SPLIT, window_days=0)
    members = members_of(store)
    reader = Reader(plain, store, costs_of(plain, store), members, any_experiment=True)
    nothing: Floats = np.empty(0)
    found = Stretch(
        np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.int64), dict.fromkeys(COLUMNS, nothing)
    )
    for low, high in _days(since, until):
        shown = Shown.of(_as_control(plain, store, low, high), plain, members)
        found = _with_day(found, reader, shown, store.scan(low, high))
    return found


def _days(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    low, end = microseconds(since), microseconds(until)
    while low < end:
        high = min((low // DAY + 1) * DAY, end)
        yield moment(low), moment(high)
        low = high


def _as_control(
    experiment: Experiment, store: Store, since: datetime, until: datetime
) -> Iterator[Exposure]:
    for one in store.scan_exposures(since, until):
        if not experiment.placements or one.placement in experiment.placements:
            yield msgspec.structs.replace(one, variant=experiment.control.name)


def _with_day(found: Stretch, reader: Reader, shown: Shown, events: EventColumns) -> Stretch:
    names = Names.of(events.shoppers, reader.members)
    units = np.unique(np.concatenate([found.units, names.units(), shown.unit]))
    place = names.places(units, events.shopper, events.at)
    first = np.full(len(units), NEVER)
    first[positions(units, found.units)] = found.first
    np.minimum.at(first, place, events.at)
    np.minimum.at(first, positions(units, shown.unit), shown.at)
    day = reader.day(units, first, shown, events)
    past = found.of(units)
    merged = {name: one.merge(past[name], one.of(day)) for name, one in COLUMNS.items()}
    return Stretch(units, first, merged)
