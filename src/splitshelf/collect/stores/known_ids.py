"""Which event ids the log has seen: nine bytes an id, without an index on disk.

An id is known by its 64-bit hash (XXH3). Two ids of a log of n events share a hash with a
probability of n**2 / 2**65: 3e-6 in all for ten million events. `docs/decisions/0101` says why.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

from splitshelf.core.arrays import Bools, Ints, Longs

RUN = 65_536
"""Ids gathered before they are put down as one run."""
_GROWTH = 8
"""A run is merged into the one before it unless that is this many times longer."""
_SLOTS: Final = 4 * RUN
"""Of the table of the newest ids, at first: at most a quarter in use, for short look-ups."""
_SHARED: Final = 8
"""Hashes of a run that begin alike, on average: a cache line of them."""

Hashes: TypeAlias = NDArray[np.uint64]


def hash_ids(ids: Collection[str]) -> Hashes:
    """The 64-bit hashes that stand for some ids, uint64 [ids]; never 0."""
    hashes = np.fromiter(
        map(xxh3_64_intdigest, map(str.encode, ids)), dtype=np.uint64, count=len(ids)
    )
    return np.maximum(hashes, 1)


class _Run(NamedTuple):
    """Hashes that were put down, those with the same first bits beside one another."""

    hashes: Hashes
    """uint64."""
    firsts: Ints
    """int32 [2**bits + 1]: where those begin."""
    shift: int
    """64 less these bits."""


class KnownIds:
    """The hashes of all ids up to the batch `seq`: sorted runs, and a table of the newest."""

    def __init__(self, seq: int, runs: Iterable[bytes]) -> None:
        self.seq = seq
        """The newest batch whose ids are in here."""
        self.run_seq = seq
        """The batch up to which ids are in runs."""
        self.count = 0
        """How many ids are not in a run yet."""
        self._table = np.zeros(_SLOTS, dtype=np.uint64)
        hashes = [np.frombuffer(run, dtype="<u8") for run in runs]
        self._runs = [_run_of(hashes)] if hashes else []

    def fresh(self, hashes: Hashes) -> Longs:
        """The positions of hashes that are not known, each hash once, in order."""
        fresh = np.ones(len(hashes), dtype=np.bool_)
        for run in self._runs:
            _leave_out_of(run.hashes, run.firsts, run.shift, hashes, fresh)
        _leave_out(self._table, hashes, fresh)
        return np.flatnonzero(fresh)

    def add(self, seq: int, hashes: Hashes) -> None:
        """Take in the ids of the batch that follows `seq`."""
        if 2 * (self.count + len(hashes)) > len(self._table):
            self._fill(self._newest(), 4 * (self.count + len(hashes)))
        self.count += _put(self._table, hashes)
        self.seq = seq

    def run(self, hashes: Hashes) -> bytes:
        """The newest ids and `hashes`, to be put down as one run."""
        return np.concatenate([self._newest(), hashes]).astype("<u8").tobytes()

    def put_down(self, seq: int, run: bytes) -> None:
        """Keep the run of all newest ids, which was put down here with the batch `seq`."""
        self._fill(np.empty(0, dtype=np.uint64), _SLOTS)
        self.sealed(seq, run)

    def sealed(self, seq: int, run: bytes) -> None:
        """Keep a run that was put down with the batch `seq`, here or elsewhere."""
        hashes = np.frombuffer(run, dtype="<u8")
        self.run_seq = seq
        if self.count:
            self._fill(np.setdiff1d(self._newest(), hashes, assume_unique=True), _SLOTS)
        parts, count = [hashes], len(hashes)
        while self._runs and len(self._runs[-1].hashes) < _GROWTH * count:
            parts.append(self._runs.pop().hashes)
            count += len(parts[-1])
        self._runs.append(_run_of(parts))

    def _newest(self) -> Hashes:
        return self._table[self._table != 0]

    def _fill(self, hashes: Hashes, room: int) -> None:
        """Begin a table with some hashes, and room for at least some slots."""
        slots = 1 << max(room, 4 * len(hashes), _SLOTS).bit_length() - 1
        self._table = np.zeros(slots, dtype=np.uint64)
        self.count = _put(self._table, hashes)


def _run_of(parts: Sequence[Hashes]) -> _Run:
    """One run of the hashes of several."""
    count = sum(map(len, parts))
    bits = max(1, (count // _SHARED).bit_length())
    run = _Run(np.empty(count, dtype=np.uint64), np.zeros(2**bits + 1, dtype=np.int32), 64 - bits)
    for part in parts:
        _count(part, run.shift, run.firsts)
    places = np.cumsum(run.firsts, dtype=np.int32)
    run.firsts[:] = places
    for part in parts:
        _deal(part, run.shift, places, run.hashes)
    return run


@njit(cache=True, nogil=True)
def _count(hashes: Hashes, shift: int, counts: Ints) -> None:
    """Count the hashes by their first bits, each one place further."""
    for key in hashes:
        counts[(key >> np.uint64(shift)) + np.uint64(1)] += 1


@njit(cache=True, nogil=True)
def _deal(hashes: Hashes, shift: int, places: Ints, out: Hashes) -> None:
    """Put each hash at the next place of those with its first bits."""
    for key in hashes:
        start = key >> np.uint64(shift)
        out[places[start]] = key
        places[start] += 1


@njit(cache=True, nogil=True)
def _leave_out_of(run: Hashes, firsts: Ints, shift: int, keys: Hashes, fresh: Bools) -> None:
    """Mark the keys that are in a run as not fresh."""
    for number in range(len(keys)):
        key = keys[number]
        begin = key >> np.uint64(shift)
        for place in range(firsts[begin], firsts[begin + np.uint64(1)]):
            if run[place] == key:
                fresh[number] = False


@njit(cache=True, nogil=True)
def _slot(table: Hashes, key: Any) -> Any:  # noqa: ANN401 (uint64 inside a kernel)
    """Where a key stands in a table, or the empty slot where it would."""
    last = np.uint64(len(table) - 1)
    slot = key & last
    while table[slot] != 0 and table[slot] != key:
        slot = (slot + np.uint64(1)) & last
    return slot


@njit(cache=True, nogil=True)
def _put(table: Hashes, keys: Hashes) -> int:
    """How many keys were not in the table, which has room for them; now all are."""
    added = 0
    for number in range(len(keys)):
        slot = _slot(table, keys[number])
        if table[slot] == 0:
            table[slot] = keys[number]
            added += 1
    return added


@njit(cache=True, nogil=True)
def _leave_out(table: Hashes, keys: Hashes, fresh: Bools) -> None:
    """Mark the keys that are in a table, or came before in `keys`, as not fresh."""
    slots = 2
    while slots < 2 * len(keys):
        slots *= 2
    before = np.zeros(slots, dtype=np.uint64)
    for number in range(len(keys)):
        key = keys[number]
        slot = _slot(before, key)
        repeated = before[slot] == key
        before[slot] = key
        if repeated or table[_slot(table, key)] == key:
            fresh[number] = False
