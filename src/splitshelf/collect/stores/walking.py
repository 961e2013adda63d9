"""A walk through joined bodies without decoding them: whose each event is, when, and where it lies.

The kernels run without the interpreter's lock, so that histories are sorted beside the requests.
They read what `bodies.encode` wrote: msgpack maps by field name, times as msgpack timestamps.
"""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from splitshelf.core.arrays import Bools, Longs

Buffer = NDArray[np.uint8]
Owners = NDArray[np.uint64]

_LENGTH: Final[Any] = np.zeros(256, dtype=np.int64)
"""By the tag of a value: how many bytes of length follow it."""
_FIXED: Final[Any] = np.zeros(256, dtype=np.int64)
"""By the tag of a value: how many further bytes of it there are in any case."""
_INSIDE: Final[Any] = np.zeros(256, dtype=np.int64)
"""By the tag of a value: how many values stand inside for each unit of its length."""
_LENGTH[[0xC4, 0xC7, 0xD9]] = 1
_LENGTH[[0xC5, 0xC8, 0xDA, 0xDC, 0xDE]] = 2
_LENGTH[[0xC6, 0xC9, 0xDB, 0xDD, 0xDF]] = 4
_FIXED[[0xC7, 0xC8, 0xC9]] = 1
_FIXED[0xCA:0xD9] = (4, 8, 1, 2, 4, 8, 1, 2, 4, 8, 2, 3, 5, 9, 17)
_INSIDE[[0xDC, 0xDD]] = 1
_INSIDE[[0xDE, 0xDF]] = 2


class Walk(NamedTuple):
    """Some events, in the order of their bytes."""

    begins: Longs
    """int64 [n + 1]: where each begins, and where the last one ends."""
    times: Longs
    """int64 [n]: microseconds UTC."""
    owners: Owners
    """uint64 [n]: the hash of the shopper."""
    acts: Bools
    """bool [n]: whether it belongs to a history: it names a product and is no impression."""


def walk(bodies: bytes, count: int) -> Walk:
    """What stands where in the joined bodies of `count` events."""
    found = Walk(
        np.empty(count + 1, dtype=np.int64),
        np.zeros(count, dtype=np.int64),
        np.zeros(count, dtype=np.uint64),
        np.zeros(count, dtype=np.bool_),
    )
    _walk(np.frombuffer(bodies, dtype=np.uint8), *found)
    return found


def owner_of(shopper: str) -> int:
    """The 64-bit hash that stands for a shopper (FNV-1a, draft-eastlake-fnv section 2).

    >>> hex(owner_of("foobar"))
    '0x85944171f73967e8'
    """
    name = shopper.encode()
    return int(hashed(np.frombuffer(name, dtype=np.uint8), 0, len(name)))


def name_hashes(names: Iterable[str]) -> Owners:
    """The hashes of many names, uint64 [names]: what `owner_of` gives for each."""
    parts = [name.encode() for name in names]
    ends = np.cumsum([0, *map(len, parts)], dtype=np.int64)
    return _hash_each(np.frombuffer(b"".join(parts), dtype=np.uint8), ends)


@njit(cache=True, nogil=True)
def _hash_each(buffer: Buffer, ends: Longs) -> Owners:
    found = np.empty(len(ends) - 1, dtype=np.uint64)
    for name in range(len(found)):
        found[name] = hashed(buffer, ends[name], ends[name + 1])
    return found


@njit(cache=True, nogil=True)
def gather(buffer: Buffer, begins: Longs, lengths: Longs, places: Longs, out: Buffer) -> None:
    """Copy each piece of a buffer to its place in another."""
    for piece in range(len(begins)):
        begin, place = begins[piece], places[piece]
        out[place : place + lengths[piece]] = buffer[begin : begin + lengths[piece]]


@njit(cache=True, nogil=True)
def hashed(buffer: Buffer, start: int, stop: int) -> Any:  # noqa: ANN401 (uint64 inside a kernel)
    """The FNV-1a hash of some bytes."""
    found = np.uint64(0xCBF29CE484222325)
    for place in range(start, stop):
        found = (found ^ np.uint64(buffer[place])) * np.uint64(0x100000001B3)
    return found


@njit(cache=True, nogil=True)
def number(buffer: Buffer, start: int, length: int) -> Any:  # noqa: ANN401 (int64 inside a kernel)
    """A big-endian number."""
    found: Any = np.int64(0)
    for place in range(start, start + length):
        found = (found << 8) | np.int64(buffer[place])
    return found


@njit(cache=True, nogil=True)
def text_at(buffer: Buffer, place: int) -> tuple[int, int]:
    """Where the characters of a text begin and end."""
    tag = buffer[place]
    if tag < 0xC0:
        return place + 1, place + 1 + (tag & 31)
    width = _LENGTH[tag]
    start = place + 1 + width
    return start, start + number(buffer, place + 1, width)


@njit(cache=True, nogil=True)
def after(buffer: Buffer, place: Any) -> Any:  # noqa: ANN401 (int64 inside a kernel)
    """Where the value that begins here ends."""
    left: Any = 1
    while left > 0:
        left -= 1
        tag = np.int64(buffer[place])
        place += 1
        if tag >= 0xC0:
            length = number(buffer, place, _LENGTH[tag])
            place += _LENGTH[tag] + _FIXED[tag]
            left += length * _INSIDE[tag]
            place += 0 if _INSIDE[tag] else length
        elif tag >= 0xA0:
            place += tag & 31
        elif tag >= 0x80:
            left += (tag & 15) * (1 if tag >= 0x90 else 2)
    return place


@njit(cache=True, nogil=True)
def moment_at(buffer: Buffer, place: int) -> Any:  # noqa: ANN401 (int64 inside a kernel)
    """The microseconds of a msgpack timestamp of 32, 64 or 96 bits."""
    tag = buffer[place]
    if tag == 0xD6:
        return number(buffer, place + 2, 4) * 1_000_000
    if tag == 0xD7:
        nanoseconds = number(buffer, place + 2, 4) >> 2
        seconds = number(buffer, place + 2, 8) & ((np.int64(1) << 34) - 1)
        return seconds * 1_000_000 + nanoseconds // 1000
    nanoseconds = number(buffer, place + 3, 4)
    return number(buffer, place + 7, 8) * 1_000_000 + nanoseconds // 1000


@njit(cache=True, nogil=True)
def matches(buffer: Buffer, start: int, stop: int, length: int, letters: tuple[int, int]) -> bool:
    """Whether a text has this length and begins with these two letters."""
    same = buffer[start] == letters[0] and buffer[start + 1] == letters[1]
    return stop - start == length and same


@njit(cache=True, nogil=True)
def _walk(buffer: Buffer, begins: Longs, times: Longs, owners: Owners, acts: Bools) -> None:
    at, kind, shopper = (97, 116), (116, 121), (115, 104)  # "at", "ty"pe, "sh"opper
    product, impression = (112, 114), (105, 109)  # of product (price is shorter) and impression
    place = 0
    for event in range(len(times)):
        begins[event] = place
        long = buffer[place] == 0xDE
        fields = number(buffer, place + 1, 2) if long else buffer[place] & 15
        place += 3 if long else 1
        named, shown = False, False
        for _ in range(fields):
            start, stop = text_at(buffer, place)
            if matches(buffer, start, stop, 2, at):
                times[event] = moment_at(buffer, stop)
            elif matches(buffer, start, stop, 4, kind):
                first, last = text_at(buffer, stop)
                shown = matches(buffer, first, last, 10, impression)
            elif matches(buffer, start, stop, 7, shopper):
                first, last = text_at(buffer, stop)
                owners[event] = hashed(buffer, first, last)
            elif matches(buffer, start, stop, 7, product):
                named = buffer[stop] != 0xC0
            place = after(buffer, stop)
        acts[event] = named and not shown
    begins[len(times)] = place
