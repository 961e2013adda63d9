"""A shopper's acts in fixed width, read out of their bodies without decoding them."""

from typing import Any, Final

import numpy as np
from numba import njit

from splitshelf.collect.stores.walking import (
    Buffer,
    after,
    hashed,
    moment_at,
    number,
    text_at,
)
from splitshelf.core.arrays import Floats, Longs
from splitshelf.core.events import EventType
from splitshelf.core.traces import TRACE, Traces


def _mark(word: str) -> int:
    """The length and the first two letters of a word: they tell types, and fields, apart."""
    return len(word) << 16 | ord(word[0]) << 8 | ord(word[1])


_TYPES: Final[Any] = np.array([_mark(kind) for kind in EventType], dtype=np.int64)
"""By the code of a type."""
_SESSION_COLUMN: Final = 3
_VALUE_COLUMN: Final = 4
_AT, _TYPE, _PRODUCT, _SESSION, _VALUE, _SHOPPER = map(
    _mark, ("at", "type", "product", "session", "value", "shopper")
)


def read_traces(bodies: bytes, count: int, shopper: bytes) -> Traces:
    """Those of `count` joined bodies that are of the shopper, by time; ties keep their order."""
    rows = np.empty((count, TRACE.itemsize // 8), dtype=np.int64)
    own, in_order = _read(
        np.frombuffer(bodies, dtype=np.uint8),
        np.frombuffer(shopper, dtype=np.uint8),
        rows,
        rows.view(np.float64),
    )
    found = rows.view(TRACE)[:own, 0]
    return found if in_order else found[np.argsort(found["at"], kind="stable")]


@njit(cache=True, nogil=True)
def _mark_at(buffer: Buffer, start: int, stop: int) -> Any:  # noqa: ANN401 (int64 inside a kernel)
    """The mark of the word here, of two letters at least."""
    first, second = np.int64(buffer[start]), np.int64(buffer[start + 1])
    return np.int64(stop - start) << 16 | first << 8 | second


@njit(cache=True, nogil=True)
def _code(buffer: Buffer, place: int) -> int:
    """The code of a type."""
    start, stop = text_at(buffer, place)
    mark = _mark_at(buffer, start, stop)
    for code in range(len(_TYPES)):
        if _TYPES[code] == mark:
            return code
    return -1


@njit(cache=True, nogil=True)
def _same(buffer: Buffer, place: int, name: Buffer) -> bool:
    """Whether the text here is this name."""
    start, stop = text_at(buffer, place)
    if stop - start != len(name):
        return False
    for letter in range(len(name)):  # noqa: SIM110 (a generator is slow in a kernel)
        if buffer[start + letter] != name[letter]:
            return False
    return True


@njit(cache=True, nogil=True)
def _hash(buffer: Buffer, place: int) -> Any:  # noqa: ANN401 (int64 inside a kernel)
    """The hash of the text here; 0 where there is none."""
    if buffer[place] == 0xC0:
        return np.int64(0)
    start, stop = text_at(buffer, place)
    return np.int64(hashed(buffer, start, stop))


@njit(cache=True, nogil=True)
def _read(buffer: Buffer, shopper: Buffer, rows: Longs, floats: Floats) -> tuple[int, bool]:
    """How many acts are the shopper's, and whether they are in the order of time."""
    place = own = 0
    in_order = True
    for _ in range(len(rows)):
        row, values = rows[own], floats[own]
        row[_SESSION_COLUMN] = 0
        values[_VALUE_COLUMN] = np.nan
        long = buffer[place] == 0xDE
        fields = number(buffer, place + 1, 2) if long else buffer[place] & 15
        place += 3 if long else 1
        theirs = False
        for _ in range(fields):
            start, stop = text_at(buffer, place)
            mark = _mark_at(buffer, start, stop)
            if mark == _SHOPPER:
                theirs = _same(buffer, stop, shopper)
            else:
                _put_down(buffer, mark, stop, row, values)
            place = after(buffer, stop)
        if theirs:
            in_order = in_order and (own == 0 or rows[own - 1, 0] <= row[0])
            own += 1
    return own, in_order


@njit(cache=True, nogil=True)
def _put_down(buffer: Buffer, mark: int, place: int, row: Longs, values: Floats) -> None:
    """Fill the column of a field, if it has one, with the value here."""
    if mark == _AT:
        row[0] = moment_at(buffer, place)
    elif mark == _TYPE:
        row[1] = _code(buffer, place)
    elif mark == _PRODUCT:
        row[2] = _hash(buffer, place)
    elif mark == _SESSION:
        row[_SESSION_COLUMN] = _hash(buffer, place)
    elif mark == _VALUE and buffer[place] == 0xCB:
        row[_VALUE_COLUMN] = number(buffer, place + 1, 8)  # the bits of a float
    elif mark == _VALUE and buffer[place] < 0x80:
        values[_VALUE_COLUMN] = buffer[place]
