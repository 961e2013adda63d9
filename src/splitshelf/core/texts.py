"""Many names in two flat arrays: a million of them are open at once, and decoded when asked for."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import overload

import numpy as np
from numpy.typing import NDArray

from splitshelf.core.arrays import Longs


@dataclass(frozen=True, slots=True, eq=False)
class Texts(Sequence[str]):
    """Names by index; the arrays may be memory-mapped."""

    text: NDArray[np.uint8]
    """uint8 [bytes]: all names in UTF-8, one after the other."""
    offsets: Longs
    """int64 [n + 1]: name i is text[offsets[i]:offsets[i + 1]]."""

    @classmethod
    def packed(cls, names: Iterable[str]) -> "Texts":
        """The names in their order.

        >>> list(Texts.packed(["mug", "tea"])[1:])
        ['tea']
        """
        encoded = [name.encode() for name in names]
        sizes = np.fromiter(map(len, encoded), dtype=np.int64, count=len(encoded))
        return Texts.sized(np.frombuffer(bytearray().join(encoded), dtype=np.uint8), sizes)

    @classmethod
    def sized(cls, text: NDArray[np.uint8], sizes: NDArray[np.integer]) -> "Texts":
        """Names of so many bytes each, one after the other."""
        offsets = np.zeros(len(sizes) + 1, dtype=np.int64)
        np.cumsum(sizes, out=offsets[1:])
        return Texts(text, offsets)

    def sizes(self) -> Longs:
        """How many bytes each name has, int64 [n]."""
        return np.diff(self.offsets)

    def chosen(self, places: Longs) -> "Texts":
        """The names at some places, in their order.

        >>> list(Texts.packed(["mug", "tea", "rug"]).chosen(np.array([2, 0])))
        ['rug', 'mug']
        """
        sizes = self.sizes()[places]
        found = Texts.sized(self.text[:0], sizes)
        shifts = np.repeat(self.offsets[places] - found.offsets[:-1], sizes)
        shifts += np.arange(len(shifts))
        return Texts(self.text[shifts], found.offsets)

    def bytes_of(self, index: int) -> bytes:
        """One name in UTF-8."""
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
        return self.bytes_of(index % len(self)).decode()
