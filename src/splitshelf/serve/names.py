"""From the hash of a product's id to its code, for kernels: open addressing in two arrays."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from splitshelf.collect.stores.walking import name_hashes
from splitshelf.core.arrays import Ints

Hashes = NDArray[np.uint64]
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)


class Names(NamedTuple):
    """Some ids by their hashes, which stand for them: two in a million million million collide."""

    slots: Ints
    """int32 [a power of two >= 2 n]: codes; -1 is free."""
    hashes: Hashes
    """uint64 [n]: by code; see `walking.name_hashes`."""


def names_of(ids: Sequence[str]) -> Names:
    """The names of all ids by their places."""
    return _placed(name_hashes(ids))


def longer(names: Names, ids: Sequence[str]) -> Names:
    """The names with some more behind them; those who read the old ones go on undisturbed."""
    hashes = np.concatenate((names.hashes, name_hashes(ids)))
    if 2 * len(hashes) > len(names.slots):
        return _placed(hashes)
    slots = names.slots.copy()
    _fill(slots, hashes, len(names.hashes))
    return Names(slots, hashes)


def _placed(hashes: Hashes) -> Names:
    slots = np.full(1 << max(1, (2 * len(hashes)).bit_length()), -1, dtype=np.int32)
    _fill(slots, hashes, 0)
    return Names(slots, hashes)


@njit(cache=True, nogil=True)
def find_name(slots: Ints, hashes: Hashes, wanted: np.uint64) -> int:
    """The code of a hash, -1 where unknown."""
    mask = len(slots) - 1
    slot = np.int64((wanted * _SPREAD) >> _HALF) & mask
    while slots[slot] >= 0:
        if hashes[slots[slot]] == wanted:
            return slots[slot]
        slot = (slot + 1) & mask
    return -1


@njit(cache=True, nogil=True)
def _fill(slots: Ints, hashes: Hashes, first: int) -> None:
    mask = len(slots) - 1
    for code in range(first, len(hashes)):
        slot = np.int64((hashes[code] * _SPREAD) >> _HALF) & mask
        while slots[slot] >= 0:
            slot = (slot + 1) & mask
        slots[slot] = code
