"""One shopper's acts out of many runs by a single call, which reads the mapped files in place.

A call into compiled code costs as much as a few of these look-ups. So it is given where each run
lies in memory, which is worked out once, and visits all of them.
"""

from typing import Any, Final, NamedTuple

import numpy as np
from numba import njit, types
from numba.extending import intrinsic
from numba.np.numpy_support import carray

from splitshelf.collect.stores.runs import HEADER, Run
from splitshelf.collect.stores.walking import Buffer, hashed
from splitshelf.core.arrays import Longs

ALL: Final = 2**62
_ROOM: Final = 16_384
"""Bytes that the acts of most shoppers fit into."""


class Places(NamedTuple):
    """Where some runs lie in memory; they stay there as long as this is held."""

    runs: tuple[Run, ...]
    """In the order of the log."""
    addresses: Longs
    """int64 [runs]."""


class Found(NamedTuple):
    """Some acts."""

    number: int
    bodies: bytes
    """Joined: each run's by time, the runs in the order of the log."""


def placed(runs: tuple[Run, ...]) -> Places:
    """Where runs lie."""
    addresses = [run.content.ctypes.data for run in runs]
    return Places(runs, np.array(addresses, dtype=np.int64))


def find(places: Places, name: bytes, limit: int, known: int, since: int) -> Found:
    """The newest acts of whoever's name has this one's hash: at least `limit` if there are so many.

    The caller has `known` newer ones already, none of them before `since`, microseconds UTC. Runs
    that hold nothing as new as the newest `limit` are not looked at; where runs overlap in time,
    some older acts come too.
    """
    letters = np.frombuffer(name, dtype=np.uint8)
    out = np.empty(_ROOM, dtype=np.uint8)
    count, size = _find(places.addresses, letters, limit, known, since, out)
    if size > len(out):
        out = np.empty(size, dtype=np.uint8)
        count, size = _find(places.addresses, letters, limit, known, since, out)
    return Found(count, out[:size].tobytes())


def _pointer_to(kind: Any) -> Any:  # noqa: ANN401 (numba's types have no type)
    """What makes a pointer of an address, inside a kernel."""

    @intrinsic
    def pointer(_: Any, address: Any) -> Any:  # noqa: ANN401
        def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ANN401
            return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

        return types.CPointer(kind)(address), code

    return pointer


_words = _pointer_to(types.int64)
_hashes = _pointer_to(types.uint64)
_bytes = _pointer_to(types.uint8)


@njit(cache=True, nogil=True)
def _place(owners: Any, owner: Any) -> int:  # noqa: ANN401 (uint64 inside a kernel)
    """Where an owner stands among others, which rise; or where it would stand.

    Hashes are spread evenly, so that a guess comes close; each look at memory costs as much as the
    rest together.
    """
    low, high = 0, len(owners)
    density = high / 2.0**64
    guess, step = min(int(owner * density), high - 1), 8
    for _ in range(2 if high else 0):
        ahead = owner > owners[guess]
        gap = owner - owners[guess] if ahead else owners[guess] - owner
        guess += int(gap * density) if ahead else -int(gap * density)
        guess = min(max(guess, 0), high - 1)
    while low < high:
        if owners[guess] < owner:
            low = guess + 1
            guess = low + step - 1 if low + step < high else (low + high) // 2
        else:
            high = guess
            guess = high - step if low + step < high else (low + high) // 2
        step *= 2
    return low


@njit(cache=True, nogil=True)
def bytes_at(begin: int, end: int) -> Buffer:
    """What lies between two addresses."""
    return carray(_bytes(begin), end - begin)


@njit(cache=True, nogil=True)
def words_at(begin: int, count: int) -> Longs:
    """Some numbers at an address."""
    return carray(_words(begin), count)


@njit(cache=True, nogil=True)
def pieces(  # noqa: PLR0917 (kernels take no keywords)
    runs: Longs,
    owner: Any,  # noqa: ANN401 (uint64 inside a kernel)
    limit: int,
    known: int,
    since: int,
    out: Longs,
) -> int:
    """How many runs hold some of the newest acts of an owner.

    Into `out` go the number of acts of each and three addresses: where their bodies begin and end,
    and where it is written where each of them lies; the newest run first.
    """
    found = count = 0
    for run in runs[::-1]:
        head = carray(_words(run), HEADER)
        shoppers, acts, end = head[1], head[2], run + head[3]
        if known + count >= limit and head[5] <= since:
            break
        start = run + 8 * HEADER
        owners = carray(_hashes(start), shoppers)
        place = _place(owners, owner)
        if place == shoppers or owners[place] != owner:
            continue
        firsts = carray(_words(start + 8 * shoppers), shoppers + 1)
        times = carray(_words(start + 8 * (2 * shoppers + 1)), acts)
        stops = carray(_words(start + 8 * (2 * shoppers + 1 + acts)), acts + 1)
        stop = min(firsts[place + 1], acts)
        wanted = limit - known - count if times[stop - 1] <= since else limit
        first = max(firsts[place], stop - wanted)
        if first >= stop:
            continue
        bodies = start + 8 * (2 * shoppers + 2 + 2 * acts)
        out[found, 0] = stop - first
        out[found, 1], out[found, 2] = bodies + stops[first], bodies + stops[stop]
        out[found, 3] = start + 8 * (2 * shoppers + 1 + acts + first)
        if not bodies <= out[found, 1] <= out[found, 2] <= end:  # a disk that forgets
            continue
        since = min(since, int(times[first]))
        count, found = count + stop - first, found + 1
    return found


@njit(cache=True, nogil=True)
def _find(  # noqa: PLR0917 (kernels take no keywords)
    runs: Longs, name: Buffer, limit: int, known: int, since: int, out: Buffer
) -> tuple[int, int]:
    """How many acts there are, and of how many bytes; these are copied where there is room."""
    where = np.empty((len(runs), 4), dtype=np.int64)
    found = pieces(runs, hashed(name, 0, len(name)), limit, known, since, where)
    count, size = where[:found, 0].sum(), (where[:found, 2] - where[:found, 1]).sum()
    filled: Any = 0
    if size <= len(out):
        for _, begin, end, _ in where[:found][::-1]:
            out[filled : filled + end - begin] = bytes_at(begin, end)
            filled += end - begin
    return count, size
