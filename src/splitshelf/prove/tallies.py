"""The tally: what is counted of each shopper so far, and how it is kept between refreshes."""

import io
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from splitshelf.core.arrays import Bools, Bytes, Floats, Ints, Longs
from splitshelf.core.clock import DAY, microseconds
from splitshelf.core.experiments import Experiment
from splitshelf.core.protocols import Documents
from splitshelf.prove.columns import COLUMNS
from splitshelf.prove.reading import CONTEXTS

KIND = "tally"
"""Of the stored documents; delete them after an erasure, and they are counted again."""
ARRAYS = ("units", "variant", "first", "switched")


class DayEffect(msgspec.Struct, frozen=True, kw_only=True):
    """One day's primary outcome over the shoppers who were there that day."""

    day: int
    """Days since 1970."""
    n: tuple[int, ...]
    """Shoppers by variant, the control first."""
    value: tuple[float | None, ...]
    """The outcome by variant; None where nobody came."""
    error: tuple[float | None, ...]
    total: tuple[int, ...] = ()
    """Shoppers who counted by the end of the day, since the start; empty where nobody asked."""
    total_value: tuple[float | None, ...] = ()
    """The outcome of all of these, before capping and adjusting."""
    total_error: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Labels:
    """One thing that is known of shoppers, as the device that each came with first."""

    names: tuple[str, ...]
    code: Ints
    """int32 [n]: index into `names`; -1 where not known."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The shoppers of an experiment and their columns; arrays have one entry a shopper."""

    until: int
    """Microseconds UTC: everything before is counted."""
    units: NDArray[np.uint64]
    """uint64 [n]: hashes of the shoppers' names, sorted."""
    variant: Bytes
    """int8 [n]: index into the experiment's variants; the one first shown."""
    first: Longs
    """int64 [n]: microseconds UTC of the first exposure."""
    switched: Bools
    """bool [n]: whether several variants were shown."""
    columns: Mapping[str, Floats]
    """name of `COLUMNS` -> float64 [n]."""
    labels: Mapping[str, Labels]
    """name of `CONTEXTS` -> what it was at the first exposure."""
    days: tuple[DayEffect, ...] = ()

    def rows(self, chosen: Bools) -> Mapping[str, Floats]:
        """The columns of some of the shoppers."""
        return {name: column[chosen] for name, column in self.columns.items()}


def empty_tally(experiment: Experiment) -> Tally:
    """The tally before the first day: begins at midnight of the day of the start."""
    start = 0 if experiment.started is None else microseconds(experiment.started)
    return Tally(
        start // DAY * DAY,
        np.empty(0, dtype=np.uint64),
        np.empty(0, dtype=np.int8),
        np.empty(0, dtype=np.int64),
        np.empty(0, dtype=bool),
        {name: np.empty(0) for name in COLUMNS},
        {name: Labels((), np.empty(0, dtype=np.int32)) for name in CONTEXTS},
    )


def store_tally(experiment: Experiment, store: Documents, tally: Tally) -> None:
    """Keep the tally for the next refresh, as plain arrays."""
    body = io.BytesIO()
    arrays = {f"column_{name}": column for name, column in tally.columns.items()}
    arrays |= {name: getattr(tally, name) for name in ARRAYS}
    for name, labels in tally.labels.items():
        arrays |= {f"label_{name}": labels.code, f"names_{name}": _packed(labels.names)}
    days = _packed(tally.days)
    np.savez(body, allow_pickle=False, until=np.int64(tally.until), days=days, **arrays)
    store.put_document(KIND, experiment.id, body.getvalue())


def stored(experiment: Experiment, store: Documents) -> Tally:
    """The tally as last stored; empty where there is none, or it lacks what today counts."""
    body = store.document(KIND, experiment.id)
    if body is None:
        return empty_tally(experiment)
    arrays = np.load(io.BytesIO(body), allow_pickle=False)
    names = {f"column_{name}": name for name in COLUMNS}
    if not {*names, *(f"label_{name}" for name in CONTEXTS)} <= set(arrays.files):
        return empty_tally(experiment)
    columns = {name: arrays[key] for key, name in names.items()}
    days = msgspec.json.decode(arrays["days"].tobytes(), type=tuple[DayEffect, ...])
    kept = (arrays[name] for name in ARRAYS)
    labels = {
        name: Labels(
            msgspec.json.decode(arrays[f"names_{name}"].tobytes(), type=tuple[str, ...]),
            arrays[f"label_{name}"],
        )
        for name in CONTEXTS
    }
    return Tally(int(arrays["until"]), *kept, columns=columns, labels=labels, days=days)


def _packed(value: object) -> NDArray[np.uint8]:
    """The value as JSON in an array, which is all that such a file holds."""
    return np.frombuffer(msgspec.json.encode(value), dtype=np.uint8)
