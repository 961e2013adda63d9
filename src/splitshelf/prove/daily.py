"""One day of an experiment on its own: what its shoppers did from their first slate of the day."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import numpy as np

from splitshelf.core.arrays import Bytes, Floats
from splitshelf.core.experiments import Experiment
from splitshelf.core.protocols import Store
from splitshelf.core.slates import Exposure
from splitshelf.prove.columns import COLUMNS
from splitshelf.prove.reading import Reader, Shown, costs_of, members_of


def shoppers_of_day(
    experiment: Experiment,
    store: Store,
    exposures: Iterable[Exposure],
    since: datetime,
    until: datetime,
) -> tuple[Bytes, Mapping[str, Floats]]:
    """The variant first shown to each shopper of the day, int8 [n], and their columns."""
    members = members_of(store)
    shown = Shown.of(exposures, experiment, members)
    units, place = np.unique(shown.unit, return_inverse=True)
    first = np.full(len(units), np.iinfo(np.int64).max)
    np.minimum.at(first, place, shown.at)
    variant = np.full(len(units), -1, dtype=np.int8)
    variant[place[::-1]] = shown.variant[::-1]
    reader = Reader(experiment, store, costs_of(experiment, store), members)
    seen = reader.day(units, first, shown, store.scan(since, until))
    return variant, {name: column.of(seen) for name, column in COLUMNS.items()}
