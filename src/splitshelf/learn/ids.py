"""Many short names in two flat arrays, with a hash table: a million open at once, unread."""

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self, overload

import numpy as np
from numba import njit
from numpy.typing import NDArray

from splitshelf.core.arrays import Ints, Longs


@dataclass(frozen=True, slots=True, eq=False)
class Ids(Sequence[str]):
    """Names by index and, by `find`, indexes by name; the arrays may be memory-mapped."""

    text: NDArray[np.uint8]
    """uint8 [bytes]: all names in UTF-8, one after the other."""
    offsets: Longs
    """int64 [n + 1]: name i is text[offsets[i]:offsets[i + 1]]."""
    slots: Ints
    """int32 [a power of two >= 2 n]: open addressing by CRC-32; -1 is free."""

    @classmethod
    def of(cls, names: Iterable[str]) -> Self:
        """The names packed, in their order.

        >>> list(Ids.of(["mug", "tea"])), Ids.of(["mug", "tea"]).find("tea")
        (['mug', 'tea'], 1)
        """
        encoded = [name.encode() for name in names]
        sizes = np.fromiter(map(len, encoded), dtype=np.int64, count=len(encoded))
        hashes = np.fromiter(map(zlib.crc32, encoded), dtype=np.uint32, count=len(encoded))
        offsets = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
        text = np.frombuffer(b"".join(encoded), dtype=np.uint8)
        return cls(text, offsets, _table(hashes))

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
            if self._bytes(index) == wanted:
                return index
            slot = (slot + 1) & mask
        return -1

    def _bytes(self, index: int) -> bytes:
        return self.text[self.offsets[index] : self.offsets[index + 1]].tobytes()

    def __iter__(self) -> Iterator[str]:
        """All names, several times as fast as one by one."""
        text = self.text.tobytes()
        if text.isascii():  # a letter is a byte, so the text is decoded once
            letters = text.decode("ascii")
            return (letters[start:stop] for start, stop in pairwise(self.offsets.tolist()))
        return (text[start:stop].decode() for start, stop in pairwise(self.offsets.tolist()))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return self._bytes(index % len(self)).decode()


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
