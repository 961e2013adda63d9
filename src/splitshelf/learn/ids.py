"""Many short names in two flat arrays, with a hash table: a million open at once, unread."""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from splitshelf.core.arrays import Ints
from splitshelf.core.texts import Texts


@dataclass(frozen=True, slots=True, eq=False)
class Ids(Texts):
    """Names by index and, by `find`, indexes by name; the arrays may be memory-mapped."""

    slots: Ints
    """int32 [a power of two >= 2 n]: open addressing by CRC-32; -1 is free."""

    @classmethod
    def of(cls, names: Iterable[str]) -> Self:
        """The names packed, in their order.

        >>> list(Ids.of(["mug", "tea"])), Ids.of(["mug", "tea"]).find("tea")
        (['mug', 'tea'], 1)
        """
        packed = names if isinstance(names, Texts) else Texts.packed(names)
        text, bounds = packed.text.tobytes(), packed.offsets.tolist()
        hashes = (zlib.crc32(text[start:stop]) for start, stop in pairwise(bounds))
        table = _table(np.fromiter(hashes, dtype=np.uint32, count=len(packed)))
        return cls(packed.text, packed.offsets, table)

    @classmethod
    def restore(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The names that `arrays` was made from."""
        return cls(arrays["text"], arrays["offsets"], arrays["slots"])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that `restore` needs."""
        return {"text": self.text, "offsets": self.offsets, "slots": self.slots}

    def find(self, name: str) -> int:
        """The index of a name, -1 where unknown; about a microsecond."""
        wanted = name.encode()
        mask = len(self.slots) - 1
        slot = zlib.crc32(wanted) & mask
        while (index := int(self.slots[slot])) >= 0:
            if self.bytes_of(index) == wanted:
                return index
            slot = (slot + 1) & mask
        return -1


def _table(hashes: NDArray[np.uint32]) -> Ints:
    size = 2
    while size < 2 * len(hashes):
        size *= 2
    slots = np.full(size, -1, dtype=np.int32)
    _place(hashes, slots)
    return slots


@njit(cache=True, nogil=True)
def _place(hashes: NDArray[np.uint32], slots: Ints) -> None:
    mask = len(slots) - 1
    for index in range(len(hashes)):
        slot = np.int64(hashes[index]) & mask
        while slots[slot] >= 0:
            slot = (slot + 1) & mask
        slots[slot] = index
