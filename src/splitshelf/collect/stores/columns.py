"""Events as columns: names are numbered as they come, and sorted only when they are handed out.

A dictionary knows the names of one column by their 64-bit hashes, so that numbering a stretch of
the log compares numbers; a name itself is touched once when it is new, and once when it is sorted.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from splitshelf.collect.stores.bodies import Line, lines
from splitshelf.collect.stores.known_ids import hash_ids
from splitshelf.core.arrays import Bools, Ints
from splitshelf.core.circumstances import told
from splitshelf.core.clock import microseconds
from splitshelf.core.columns import EventColumns
from splitshelf.core.events import EVENT_CODES
from splitshelf.core.machines import MARKED, says_so

_NAN = float("nan")
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
        ("context", np.int32),
    ]
)
UNSAID: Final[Mapping[str, float]] = {
    "order": -1,
    "quantity": 1,
    "price": _NAN,
    "dwell": _NAN,
    "value": _NAN,
    "exposure": -1,
    "context": -1,
}
"""What stands in a column where an event said nothing."""
NAMED: Final = ("shopper", "product", "exposure", "context")
"""Columns whose names are handed out, sorted."""
NUMBERED: Final = ("session", "order")
"""Columns where only the number matters."""
KINDS: Final = (*NAMED, *NUMBERED)
_CODES: Final = {str(kind): code for kind, code in EVENT_CODES.items()}

_NAME_OF: Final[Mapping[str, Callable[[Line], str | None]]] = {
    **{kind: attrgetter(kind) for kind in KINDS},
    "context": lambda line: _circumstances(bytes(line.context)),
}

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

    def sorted(self, used: Bools) -> Ints:
        """The codes that are used, in the order of their names."""
        before = self.order[used[self.order]]
        after = (np.flatnonzero(used[len(self.order) :]) + len(self.order)).tolist()
        texts = self.known.texts
        after.sort(key=texts.__getitem__)
        if not len(before) or not after:
            return before if len(before) else np.array(after, dtype=np.int32)
        listed = texts[before].tolist()
        places = [bisect_left(listed, texts[code]) for code in after]
        return np.insert(before, places, after)


Dictionaries: TypeAlias = Mapping[str, Dictionary]
"""By the names in KINDS."""


def no_names() -> Dictionaries:
    """Dictionaries that know nothing yet."""
    return {kind: Dictionary() for kind in KINDS}


def interned(
    batches: Iterable[tuple[int, bytes]], known: Dictionaries
) -> tuple[Columns, Mapping[str, Names]]:
    """The columns of batches (how many events, their joined bodies), and the names new in them."""
    columns, names = _coded(list(batches))
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
        contexts=names["context"],
    )


def _coded(batches: Sequence[tuple[int, bytes]]) -> tuple[Columns, Mapping[str, Names]]:
    """The columns of batches with codes of their own, and what these stand for."""
    rows = [line for count, body in batches for line in lines(count, body)]
    columns: Columns = {
        "at": _column("at", [microseconds(line.at) for line in rows]),
        "type": _column("type", [_CODES[line.type] for line in rows]),
        "quantity": _column("quantity", [line.quantity for line in rows]),
        "price": _column("price", [line.price or _NAN for line in rows]),
        "dwell": _column("dwell", [_or_nan(line.dwell) for line in rows]),
        "value": _column("value", [_or_nan(line.value) for line in rows]),
    }
    names = {}
    for kind in KINDS:
        found = list(map(_NAME_OF[kind], rows))
        codes = dict.fromkeys(found)
        codes.pop(None, None)
        hashes = hash_ids(codes)
        names[kind] = Names(
            hashes, np.array(list(codes) if kind in NAMED else [], dtype=np.object_)
        )
        places: dict[str | None, int] = {name: code for code, name in enumerate(codes)}
        places[None] = -1
        columns[kind] = _column(kind, [places[name] for name in found])
    return columns, names


@lru_cache(4096)
def _circumstances(said: bytes) -> str | None:
    """What an event says of its circumstances and of being a machine's; None where nothing."""
    if not said:
        return None
    context = msgspec.msgpack.decode(said)
    parts = [told(context), MARKED if says_so(context) else ""]
    return "|".join(filter(None, parts)) or None


def _column(name: str, values: Sequence[Any]) -> NDArray[Any]:
    return np.array(values, dtype=ROW[name])


def _or_nan(value: float | None) -> float:
    return _NAN if value is None else value


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
