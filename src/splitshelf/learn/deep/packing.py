"""Sequences laid side by side in rows of one width, so that little of a batch is empty."""

from dataclasses import dataclass

import numpy as np
from numba import njit

from splitshelf.core.arrays import Bools, Ints, Longs
from splitshelf.core.protocols import Rng
from splitshelf.learn.dataset.dataset import Turns

WIDTH = 64
"""Events in a row; a row holds several sequences."""


@dataclass(frozen=True, slots=True)
class Windows:
    """Stretches of at most `length` turns and the turn after each of them."""

    products: Ints
    """int32 [turns]."""
    starts: Longs
    """int64 [windows]: the first turn."""
    sizes: Longs
    """int64 [windows]: how many turns are read; one more is wanted."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Events of many windows; each array is int32 [rows, WIDTH]."""

    products: Ints
    """-1 where empty."""
    targets: Ints
    """The product that came next; -1 where none is asked."""
    places: Ints
    """How many events of the window stand before this one."""
    windows: Ints
    """The same for the events of one window, unlike in its row; -1 where empty."""

    def parts(self) -> tuple[Ints, Ints, Ints, Ints]:
        """The arrays in their order."""
        return self.products, self.targets, self.places, self.windows


def windows_of(turns: Turns, length: int) -> Windows:
    """The histories of all shoppers in stretches, counted from their newest turn back."""
    starts, sizes = _cut(turns.offsets, length)
    return Windows(turns.products, starts, sizes)


@njit(cache=True, nogil=True)
def _cut(offsets: Longs, length: int) -> tuple[Longs, Longs]:
    room = 0
    for shopper in range(len(offsets) - 1):
        room += (offsets[shopper + 1] - offsets[shopper] + length - 2) // length
    starts, sizes = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int64)
    count = 0
    for shopper in range(len(offsets) - 1):
        last = offsets[shopper + 1] - 1
        while last > offsets[shopper]:
            first = max(offsets[shopper], last - length)
            starts[count], sizes[count] = first, last - first
            count += 1
            last = first
    return starts[:count], sizes[:count]


def pack(windows: Windows, asked: Bools, order: Longs | None = None) -> Rows:
    """The windows in some order, row by row; only turns where `asked` [turns] are targets."""
    if order is None:
        order = np.arange(len(windows.starts))
    rows, columns = _lay(windows.sizes[order], WIDTH)
    height = int(rows[-1]) + 1 if len(rows) else 0
    empty = (np.full((height, WIDTH), -1, dtype=np.int32) for _ in range(4))
    packed = Rows(*empty)
    _fill(
        (windows.products, asked),
        (windows.starts[order], windows.sizes[order]),
        (rows, columns),
        (packed.products, packed.targets, packed.places, packed.windows),
    )
    return packed


@njit(cache=True, nogil=True)
def _lay(sizes: Longs, width: int) -> tuple[Longs, Longs]:
    """The row and first column of each window: the row at hand, or else a new one."""
    rows, columns = np.empty(len(sizes), dtype=np.int64), np.empty(len(sizes), dtype=np.int64)
    row, column = 0, 0
    for window in range(len(sizes)):
        if column + sizes[window] > width:
            row, column = row + 1, 0
        rows[window], columns[window] = row, column
        column += sizes[window]
    return rows, columns


@njit(cache=True, nogil=True)
def _fill(turns, windows, where, packed):  # noqa: ANN001, ANN202 (numba infers)
    products, asked = turns
    starts, sizes = windows
    rows, columns = where
    for window in range(len(starts)):
        for place in range(sizes[window]):
            turn = starts[window] + place
            row, column = rows[window], columns[window] + place
            packed[0][row, column] = products[turn]
            if asked[turn + 1]:
                packed[1][row, column] = products[turn + 1]
            packed[2][row, column] = place
            packed[3][row, column] = window


def hold_back(turns: Turns, share: float, most: int, rng: Rng) -> Bools:
    """The newest turn of some shoppers with at least three, bool [turns]: never learned from."""
    held = np.zeros(len(turns.products), dtype=np.bool_)
    able = np.flatnonzero(np.diff(turns.offsets) > 2)
    chosen = rng.permutation(able)[: min(most, round(share * len(able)))]
    held[turns.offsets[1:][chosen] - 1] = True
    return held
