"""Events as columns: names are numbered as they come, and sorted only when they are handed out.

A dictionary knows the names of one column by their 64-bit hashes, so that numbering a stretch of
the log compares numbers; a name itself is touched once when it is new, and once when it is sorted.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

from splitshelf.core.arrays import Bools, Ints
from splitshelf.core.clock import microseconds
from splitshelf.core.columns import EventColumns
from splitshelf.core.events import EVENT_CODES, Event

ROW: Final = np.dtype(
    [
        ("at", np.int64),
        ("type", np.int8),
        ("shopper", np.int32),
        ("product", np.int32),
        ("session", np.int32),
        ("order", np.int32),
        ("quantity", np.int32),
        ("price", np.float64),
        ("dwell", np.float32),
        ("value", np.float32),
        ("exposure", np.int32),
    ]
)
NAMED: Final = ("shopper", "product", "exposure")
"""Columns whose names are handed out, sorted."""
NUMBERED: Final = ("session", "order")
"""Columns where only the number matters."""
KINDS: Final = (*NAMED, *NUMBERED)
_NAN = float("nan")

Columns: TypeAlias = dict[str, NDArray[Any]]
"""By the field names of ROW, each of the same length; a code of -1 stands for no name."""


class Names(NamedTuple):
    """Some names of one column, in the order of their codes."""

    hashes: NDArray[np.uint64]
    """uint64 [names]: XXH3 of each."""
    texts: NDArray[np.object_]
    """str [names]; empty for a column that is only numbered."""


NO_NAMES: Final = Names(np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.object_))


class Dictionary:
    """Every name of one column that has a code: 0, 1, ... as they came."""

    def __init__(self, known: Names = NO_NAMES, order: Ints | None = None) -> None:
        self.known = known
        self.order = np.empty(0, dtype=np.int32) if order is None else order
        """The first so many codes in the order of their names, where somebody sorted them."""

    def intern(self, names: Names) -> tuple[Ints, Names]:
        """The codes of some names, and those among them that are new; these are known from now."""
        if not len(names.hashes):
            return np.empty(0, dtype=np.int32), NO_NAMES
        hashes = self.known.hashes
        order = np.argsort(hashes)
        places = np.searchsorted(hashes, names.hashes, sorter=order)
        codes = np.full(len(names.hashes), -1, dtype=np.int32)
        inside = np.flatnonzero(places < len(hashes))
        nearest = order[places[inside]]
        same = hashes[nearest] == names.hashes[inside]
        codes[inside[same]] = nearest[same]
        new = np.flatnonzero(codes < 0)
        codes[new] = np.arange(len(hashes), len(hashes) + len(new), dtype=np.int32)
        added = Names(names.hashes[new], names.texts[new] if len(names.texts) else names.texts)
        self.known = Names(
            np.concatenate([hashes, added.hashes]),
            np.concatenate([self.known.texts, added.texts]),
        )
        return codes, added

    def sorted(self, used: Bools) -> list[int]:
        """The codes that are used, in the order of their names."""
        before = self.order[used[self.order]].tolist()
        after = (np.flatnonzero(used[len(self.order) :]) + len(self.order)).tolist()
        texts = self.known.texts
        after.sort(key=texts.__getitem__)
        if not before or not after:
            return before or after
        return sorted(before + after, key=texts.__getitem__)  # two sorted runs: only merged


Dictionaries: TypeAlias = Mapping[str, Dictionary]
"""By the names in KINDS."""


def no_names() -> Dictionaries:
    """Dictionaries that know nothing yet."""
    return {kind: Dictionary() for kind in KINDS}


def interned(events: Iterable[Event], known: Dictionaries) -> tuple[Columns, Mapping[str, Names]]:
    """The columns of events given in the order of arrival, and the names that were new."""
    columns, names = _coded(events)
    new = {}
    for kind in KINDS:
        codes, new[kind] = known[kind].intern(names[kind])
        columns[kind] = _looked_up(codes, columns[kind])
    return columns, new


def handed_out(parts: Sequence[Columns], known: Dictionaries, low: int, high: int) -> EventColumns:
    """The events of all parts with low <= at < high, oldest first; ties keep their order."""
    filled = [part for part in parts if len(part["at"])] or parts[:1]
    columns = {name: _together(filled, name) for name in ROW.names or ()}
    at = columns["at"]
    if len(at) and (at.min() < low or at.max() >= high):
        columns = _chosen(columns, (low <= at) & (at < high))
    if np.any(columns["at"][1:] < columns["at"][:-1]):
        columns = _chosen(columns, np.argsort(columns["at"], kind="stable"))
    names = {}
    for kind in NAMED:
        names[kind], columns[kind] = _named(columns[kind], known[kind])
    return EventColumns(
        **columns,
        shoppers=names["shopper"],
        products=names["product"],
        exposures=names["exposure"],
    )


def _coded(events: Iterable[Event]) -> tuple[Columns, Mapping[str, Names]]:
    """The columns of events with codes of their own, and what these stand for."""
    codes: dict[str, dict[str, int]] = {kind: {} for kind in KINDS}
    shoppers, products, exposures, sessions, orders = codes.values()
    rows = [
        (
            microseconds(event.at),
            EVENT_CODES[event.type],
            shoppers.setdefault(event.shopper, len(shoppers)),
            _code(products, event.product),
            _code(sessions, event.session),
            _code(orders, event.order),
            event.quantity,
            _NAN if event.price is None else float(event.price),
            _NAN if event.dwell is None else event.dwell,
            _NAN if event.value is None else event.value,
            _code(exposures, event.exposure),
        )
        for event in events
    ]
    table = np.array(rows, dtype=ROW)
    names = {}
    for kind, known in codes.items():
        hashes = [xxh3_64_intdigest(name.encode()) for name in known]
        texts = np.array(list(known) if kind in NAMED else [], dtype=np.object_)
        names[kind] = Names(np.array(hashes, dtype=np.uint64), texts)
    return {name: table[name].copy() for name in ROW.names or ()}, names


def _code(codes: dict[str, int], name: str | None) -> int:
    return -1 if name is None else codes.setdefault(name, len(codes))


def _looked_up(table: Ints, codes: Ints) -> Ints:
    """The entry of a table for each code, and -1 for -1."""
    return np.append(table, np.int32(-1))[codes]


def _together(parts: Sequence[Columns], name: str) -> NDArray[Any]:
    if len(parts) == 1:
        return parts[0][name]
    return np.concatenate([np.empty(0, dtype=ROW[name]), *(part[name] for part in parts)])


def _chosen(columns: Columns, rows: NDArray[Any]) -> Columns:
    return {name: column[rows] for name, column in columns.items()}


def _named(codes: Ints, dictionary: Dictionary) -> tuple[Sequence[str], Ints]:
    """The names that occur, sorted, and the column with their places instead of the codes."""
    texts = dictionary.known.texts
    used = np.zeros(len(texts) + 1, dtype=np.bool_)  # the last one stands for -1
    used[codes] = True
    order = dictionary.sorted(used[:-1])
    ranks = np.full(len(texts), -1, dtype=np.int32)
    ranks[order] = np.arange(len(order), dtype=np.int32)
    return texts[order].tolist(), _looked_up(ranks, codes)
