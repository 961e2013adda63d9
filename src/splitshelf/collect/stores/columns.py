"""Events as columns: a stretch of the log decoded and numbered, and the whole log handed out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, TypeAlias

import msgspec
import numpy as np

from splitshelf.collect.stores.bodies import NOTHING_SAID, Line, lines
from splitshelf.collect.stores.dictionaries import KINDS, NAMED, Dictionaries, Names
from splitshelf.collect.stores.known_ids import hash_ids
from splitshelf.collect.stores.packing import Array, Pack
from splitshelf.core.arrays import Ints, Longs
from splitshelf.core.circumstances import told
from splitshelf.core.clock import microseconds
from splitshelf.core.columns import EventColumns
from splitshelf.core.events import EVENT_CODES
from splitshelf.core.machines import MARKED, says_so
from splitshelf.core.texts import Texts

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
_CODES: Final = {str(kind): code for kind, code in EVENT_CODES.items()}

_NAME_OF: Final[Mapping[str, Callable[[Line], str | None]]] = {
    **{kind: attrgetter(kind) for kind in KINDS},
    "context": lambda line: (
        None if line.context is NOTHING_SAID else _circumstances(bytes(line.context))
    ),
}

Columns: TypeAlias = dict[str, Array]
"""By the field names of ROW, each of the same length; a code of -1 stands for no name."""


def interned(
    batches: Iterable[tuple[int, bytes]], known: Dictionaries
) -> tuple[Columns, Mapping[str, Names]]:
    """The columns of batches (how many events, their joined bodies), and the names new in them.

    The rows are oldest first, those of one moment as they came.
    """
    columns, names = _coded(list(batches))
    new = {}
    for kind in KINDS:
        codes, new[kind] = known[kind].intern(names[kind])
        columns[kind] = _looked_up(codes, columns[kind])
    return _in_time(columns), new


class Joint:
    """Columns that are filled part by part, by any thread, with places of names for their codes."""

    def __init__(self, length: int, known: Dictionaries) -> None:
        self._columns = {name: np.empty(length, dtype=ROW[name]) for name in ROW.names or ()}
        self._places = {kind: np.append(known[kind].ranked()[1], np.int32(-1)) for kind in NAMED}
        self._alike: dict[str, list[tuple[slice, Array]]] = {name: [] for name in self._columns}
        self._length = length

    def put(self, start: int, part: Pack) -> None:
        """Fill the rows from `start` on."""
        for name, one in part.items():
            rows = slice(start, start + one.count)
            places = self._places.get(name)
            if one.stored is None:  # a column that says the same throughout needs no room
                value = np.array(one.least, dtype=one.kind)
                self._alike[name].append((rows, value if places is None else places[value]))
            elif places is None:
                one.into(self._columns[name][rows])
            else:
                self._columns[name][rows] = places[one.whole()]

    def columns(self) -> Columns:
        """All columns; one value for all rows where every part says the same."""
        return {name: self._column(name, alike) for name, alike in self._alike.items()}

    def _column(self, name: str, alike: Sequence[tuple[slice, Array]]) -> Array:
        filled = sum(rows.stop - rows.start for rows, _ in alike)
        values = {value.tobytes(): value for rows, value in alike if rows.stop > rows.start}
        if filled == self._length and len(values) == 1:
            return np.broadcast_to(next(iter(values.values())), self._length)
        for rows, value in alike:
            self._columns[name][rows] = value
        return self._columns[name]


def handed_out(
    columns: Columns, known: Dictionaries, low: int, high: int, *, whole: bool
) -> EventColumns:
    """The events with low <= at < high, oldest first; ties keep their order.

    The columns hold places of names; `whole` says that every name of the dictionaries occurs.
    """
    at = columns["at"]
    if len(at) and (at.min() < low or at.max() >= high):
        columns, whole = _chosen(columns, np.flatnonzero((low <= at) & (at < high))), False
    columns = _in_time(columns)
    names = {}
    for kind in NAMED:
        names[kind] = known[kind].ranked()[0]
        if not whole:
            names[kind], columns[kind] = _named(columns[kind], names[kind])
    return EventColumns(
        **columns,
        shoppers=names["shopper"],
        products=names["product"],
        exposures=names["exposure"],
        contexts=names["context"],
    )


def _in_time(columns: Columns) -> Columns:
    """The same rows oldest first; those of one moment keep their order.

    Where parts of a log were joined, few rows are out of order: only the stretches that these are
    in are sorted, each by itself.
    """
    at = columns["at"]
    if not np.any(at[1:] < at[:-1]):
        return columns
    for start, stop in _stretches(at):
        order = np.argsort(at[start:stop], kind="stable")
        for column in columns.values():
            if column.strides != (0,):
                column[start:stop] = column[start:stop][order]
    return columns


def _stretches(at: Longs) -> list[tuple[int, int]]:
    """Where rows are out of order, as few as possible; what lies between is in its place."""
    newest = np.maximum.accumulate(at)
    late = np.flatnonzero(at < newest)
    places = np.searchsorted(newest, at[late], side="right")  # where each of them belongs
    reach = np.minimum.accumulate(places[::-1])[::-1]
    first = np.flatnonzero(np.append(True, reach[1:] > late[:-1]))
    last = np.append(first[1:], len(late)) - 1
    return list(zip(reach[first].tolist(), (late[last] + 1).tolist(), strict=True))


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
        names[kind] = Names(hash_ids(codes), list(codes) if kind in NAMED else [])
        columns[kind] = _numbered(found, codes) if codes else np.full(len(rows), -1, np.int32)
    return columns, names


def _numbered(found: Sequence[str | None], names: Iterable[str | None]) -> Ints:
    """The place of each name that was found among some names, -1 for None."""
    places = {name: place for place, name in enumerate(names)}
    places[None] = -1
    return np.fromiter(map(places.__getitem__, found), dtype=np.int32, count=len(found))


@lru_cache(4096)
def _circumstances(said: bytes) -> str | None:
    """What an event says of its circumstances and of being a machine's; None where nothing."""
    if not said:
        return None
    context = msgspec.msgpack.decode(said)
    parts = [told(context), MARKED if says_so(context) else ""]
    return "|".join(filter(None, parts)) or None


def _column(name: str, values: Sequence[Any]) -> Array:
    return np.array(values, dtype=ROW[name])


def _or_nan(value: float | None) -> float:
    return _NAN if value is None else value


def _looked_up(table: Ints, codes: Ints) -> Ints:
    """The entry of a table for each code, and -1 for -1."""
    table = np.append(table, np.int32(-1))
    if codes.strides == (0,):
        return np.broadcast_to(table[codes[:1]], len(codes))
    return table[codes]


def _chosen(columns: Columns, rows: Longs) -> Columns:
    return {name: _rows(column, rows) for name, column in columns.items()}


def _rows(column: Array, rows: Longs) -> Array:
    """The chosen rows of a column; one value for all stays one value."""
    return np.broadcast_to(column[:1], len(rows)) if column.strides == (0,) else column[rows]


def _named(places: Ints, texts: Texts) -> tuple[Texts, Ints]:
    """The names that occur, still sorted, and the column with their places among these."""
    used = np.zeros(len(texts) + 1, dtype=np.bool_)  # the last one stands for -1
    used[places] = True
    left = np.cumsum(used[:-1], dtype=np.int32) - np.int32(1)
    return texts.chosen(np.flatnonzero(used[:-1])), _looked_up(left, places)
