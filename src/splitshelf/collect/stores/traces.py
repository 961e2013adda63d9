"""Shoppers' acts in fixed width, read where their bodies lie, without decoding them."""

from collections.abc import Sequence
from struct import pack
from typing import Any, Final

import numpy as np
from numba import njit

from splitshelf.collect.stores.lookup import ALL, Places, bytes_at, pieces, words_at
from splitshelf.collect.stores.tail import Act
from splitshelf.collect.stores.walking import (
    Buffer,
    after,
    hashed,
    moment_at,
    number,
    text_at,
)
from splitshelf.core.arrays import Longs
from splitshelf.core.clock import microseconds
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


_SMALL: Final[Any] = np.arange(128, dtype=np.float64).view(np.int64)
"""The bits of small numbers as floats."""
_NAN: Final = int(np.array(np.nan).view(np.int64))
_WIDTH: Final = TRACE.itemsize // 8
_ROOM: Final = 64
"""Acts of one shopper that there is room for before anybody looks."""
_HEAD: Final = 4


def read_traces(
    places: Places, tails: Sequence[tuple[str, Sequence[Act]]], limit: int
) -> list[Traces]:
    """The newest acts of each shopper, oldest first, at most `limit`; ties keep their order.

    A tail is a shopper and their newest acts by time that are in no run, at most `limit` of them.
    """
    head: list[int] = []
    parts: list[bytes] = [b""]
    for shopper, acts in tails:
        name, late = shopper.encode(), b"".join([body for _, body in acts])
        head += len(name), len(late), len(acts), microseconds(acts[0][0]) if acts else ALL
        parts += name, late
    parts[0] = pack(f"={len(head)}q", *head)
    asked = np.frombuffer(b"".join(parts), np.uint8)
    rows, bounds = _read_all(places.addresses, asked, len(tails), limit)
    found = np.ndarray(len(rows), TRACE, rows)
    return [found[start:stop] for start, stop in bounds.tolist()]


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
def _read_all(runs: Longs, asked: Buffer, shoppers: int, limit: int) -> tuple[Longs, Longs]:
    """The rows of all shoppers, and where those of each begin and end.

    What is asked begins with four numbers a shopper: the lengths of the name and of the bodies of
    the tail, how many of these there are and the moment of the first. Names and bodies follow.
    """
    head = asked[: 8 * _HEAD * shoppers].view(np.int64).reshape((shoppers, _HEAD))
    bounds = np.empty((shoppers, 2), dtype=np.int64)
    rows = np.empty((shoppers * min(limit, _ROOM), _WIDTH), dtype=np.int64)
    where = np.empty((len(runs), 4), dtype=np.int64)
    filled, place = 0, 8 * _HEAD * shoppers
    for shopper in range(shoppers):
        letters, size, known, since = head[shopper]
        name = asked[place : place + letters]
        body = asked[place + letters : place + letters + size]
        place += letters + size
        wanted = limit
        while True:
            found = pieces(runs, hashed(name, 0, letters), wanted, known, since, where)
            count = known + where[:found, 0].sum()
            if filled + count > len(rows):
                more = np.empty((2 * filled + count, _WIDTH), dtype=np.int64)
                more[:filled] = rows[:filled]
                rows = more
            stop = filled
            for piece in range(found - 1, -1, -1):
                stop = _read_piece(where[piece], name, rows, stop)
            stop = _read_tail(body, name, known, rows, stop)
            if stop == filled + count or wanted == ALL:
                break
            wanted = ALL  # another shopper has the same hash
        _sort(rows[filled:stop])
        bounds[shopper] = max(filled, stop - limit), stop
        filled = stop
    return rows[:filled], bounds


@njit(cache=True, nogil=True)
def _read_piece(piece: Longs, name: Buffer, rows: Longs, own: int) -> int:
    """How many rows there are when those of a run that are the shopper's follow."""
    count, begin, end, stops = piece
    buffer, starts = bytes_at(begin, end), words_at(stops, count)
    for act in range(count):
        start = starts[act] - starts[0]
        if 0 <= start < len(buffer):  # not so on a disk that forgets
            own += _read(buffer, start, name, rows[own])
    return own


@njit(cache=True, nogil=True)
def _read_tail(buffer: Buffer, name: Buffer, count: int, rows: Longs, own: int) -> int:
    """How many rows there are when those of joined bodies that are the shopper's follow."""
    place: Any = 0
    for _ in range(count):
        own += _read(buffer, place, name, rows[own])
        place = after(buffer, place)
    return own


@njit(cache=True, nogil=True)
def _sort(rows: Longs) -> None:
    """Bring rows into the order of time; they are in it mostly."""
    for row in range(1, len(rows)):
        if rows[row, 0] < rows[row - 1, 0]:
            rows[:] = rows[np.argsort(rows[:, 0], kind="mergesort")]
            return


@njit(cache=True, nogil=True)
def _read(buffer: Buffer, place: int, shopper: Buffer, row: Longs) -> bool:
    """Whether the body here is the shopper's; fills the row."""
    row[_SESSION_COLUMN] = 0
    row[_VALUE_COLUMN] = _NAN
    long = buffer[place] == 0xDE
    fields = number(buffer, place + 1, 2) if long else buffer[place] & 15
    place += 3 if long else 1
    theirs = False
    for field in range(fields):
        start, stop = text_at(buffer, place)
        mark = _mark_at(buffer, start, stop)
        if mark == _SHOPPER:
            theirs = _same(buffer, stop, shopper)
        else:
            _put_down(buffer, mark, stop, row)
        if field < fields - 1:  # the last one is the context, the longest
            place = after(buffer, stop)
    return theirs


@njit(cache=True, nogil=True)
def _put_down(buffer: Buffer, mark: int, place: int, row: Longs) -> None:
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
        row[_VALUE_COLUMN] = _SMALL[buffer[place]]
