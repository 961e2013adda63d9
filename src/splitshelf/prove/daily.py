"""One day of an experiment on its own: what its shoppers did from their first slate of the day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from splitshelf.core.arrays import Bytes, Floats
from splitshelf.core.experiments import Experiment
from splitshelf.core.protocols import Store
from splitshelf.core.slates import Exposure
from splitshelf.prove.aggregation import are_machines
from splitshelf.prove.columns import COLUMNS
from splitshelf.prove.reading import Reader, Shown, costs_of, members_of


@dataclass(frozen=True, slots=True)
class Today:
    """The shoppers of one day, as their first slate of it has them; one entry a shopper."""

    variant: Bytes
    """int8: index into the experiment's variants."""
    chance: Floats
    """float64: the chance of that variant; nan where it was not logged."""
    situations: Sequence[str]
    """See core.context.situation."""
    rows: Mapping[str, Floats]
    """Name of `COLUMNS` -> what they did from then on."""


def shoppers_of_day(
    experiment: Experiment,
    store: Store,
    exposures: Iterable[Exposure],
    since: datetime,
    until: datetime,
) -> Today:
    """The shoppers to whom one of the exposures of a day was shown, but for machines."""
    members = members_of(store)
    shown = Shown.of(exposures, experiment, members)
    units, first = np.unique(shown.unit, return_index=True)  # exposures come oldest first
    reader = Reader(experiment, store, costs_of(experiment, store), members)
    seen = reader.day(units, shown.at[first], shown, store.scan(since, until))
    rows = {name: column.of(seen) for name, column in COLUMNS.items()}
    people = ~are_machines(rows, experiment)
    begun: list[int] = first[people].tolist()
    return Today(
        shown.variant[begun],
        shown.chance[begun],
        [shown.situations[row] for row in begun],
        {name: column[people] for name, column in rows.items()},
    )
