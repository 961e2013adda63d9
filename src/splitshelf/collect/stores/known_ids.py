"""Which event ids the log has seen: eight bytes an id, without an index on disk.

An id is known by its 64-bit hash (XXH3). Two ids of a log of n events share a hash with a
probability of n**2 / 2**65: 3e-6 in all for ten million events. `docs/decisions/0101` says why.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

RUN = 65_536
"""Ids gathered before they are put down as one run."""
_GROWTH = 8
"""A run is merged into the one before it unless that is this many times longer."""


def hash_ids(ids: Iterable[str]) -> list[int]:
    """The 64-bit hashes that stand for some ids."""
    return [xxh3_64_intdigest(name.encode()) for name in ids]


class KnownIds:
    """The hashes of all ids up to the batch `seq`: sorted runs, and a set of the newest."""

    def __init__(self, seq: int, runs: Iterable[bytes]) -> None:
        self.seq = seq
        """The newest batch whose ids are in here."""
        self.run_seq = seq
        """The batch up to which ids are in runs."""
        self._recent: set[int] = set()
        hashes = [np.frombuffer(run, dtype="<u8") for run in runs]
        self._runs = [np.sort(np.concatenate(hashes))] if hashes else []

    def fresh(self, hashes: Sequence[int]) -> Sequence[int]:
        """The positions of hashes that are not known, each hash once, in order."""
        known = self._recent.intersection(hashes)
        if self._runs:
            keys = np.array(hashes, dtype=np.uint64)
            keys.sort()  # neighbours are looked for in the same lines of cache
            known.update(keys[self._sealed(keys)].tolist())
        if not known and len(set(hashes)) == len(hashes):
            return range(len(hashes))
        first = {h: i for i, h in reversed(list(enumerate(hashes))) if h not in known}
        return sorted(first.values())

    def add(self, seq: int, hashes: Iterable[int]) -> None:
        """Take in the ids of the batch that follows `seq`."""
        self._recent.update(hashes)
        self.seq = seq

    @property
    def count(self) -> int:
        """How many ids are not in a run yet."""
        return len(self._recent)

    def run(self, hashes: Iterable[int]) -> bytes:
        """The newest ids and `hashes`, to be put down as one run."""
        newest = self._recent.union(hashes)
        return np.fromiter(newest, dtype="<u8", count=len(newest)).tobytes()

    def put_down(self, seq: int, run: bytes) -> None:
        """Keep the run of all newest ids, which was put down here with the batch `seq`."""
        self._recent = set()
        self.sealed(seq, run)

    def sealed(self, seq: int, run: bytes) -> None:
        """Keep a run that was put down with the batch `seq`, here or elsewhere."""
        hashes = np.sort(np.frombuffer(run, dtype="<u8"))
        self.run_seq = seq
        if self._recent:
            self._recent.difference_update(hashes.tolist())
        while self._runs and len(self._runs[-1]) < _GROWTH * len(hashes):
            hashes = np.sort(np.concatenate([self._runs.pop(), hashes]), kind="stable")
        self._runs.append(hashes)

    def _sealed(self, keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
        found = np.zeros(len(keys), dtype=np.bool_)
        for run in self._runs:
            places = run.searchsorted(keys)
            found |= run[np.minimum(places, len(run) - 1)] == keys
        return found
