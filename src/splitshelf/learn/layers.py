"""Tables of counted pairs, uncut: what they hold can be added, taken away and divided later."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numba import njit

from splitshelf.core.arrays import Floats, Ints, Longs
from splitshelf.learn.counting import close_row, finish, new_row, new_table
from splitshelf.learn.neighbours import Neighbours

_ROOM = 1 << 16
"""Entries that an empty table has room for."""

# Functions without annotations below take tuples of arrays, whose types numba infers.


@dataclass(frozen=True, slots=True)
class Layer:
    """Rows of products, each rising by product."""

    offsets: Longs
    """int64 [rows + 1]."""
    products: Ints
    """int32 [entries]."""
    sums: Floats
    """float64 [entries]."""
    supporters: Ints
    """int32 [entries]: distinct shoppers; below 0 where the layer takes more away than it adds."""

    @classmethod
    def empty(cls, rows: int) -> Self:
        """So many rows that hold nothing."""
        nothing = np.empty(0, dtype=np.int32)
        return cls(np.zeros(rows + 1, dtype=np.int64), nothing, np.empty(0), nothing)

    def __len__(self) -> int:
        return len(self.products)

    def negated(self) -> Self:
        """What takes away what this adds."""
        return type(self)(self.offsets, self.products, -self.sums, -self.supporters)

    def merged(self, other: Self, *, whole: bool) -> Self:
        """Both in one; where that is the `whole`, what nobody supports any more is dropped."""
        return type(self)(*_merge(self.columns, other.columns, whole))

    @property
    def columns(self) -> tuple[Longs, Ints, Floats, Ints]:
        """As kernels take it."""
        return self.offsets, self.products, self.sums, self.supporters


def kept_rows(
    layers: tuple[Layer, Layer],
    divisors: tuple[Floats, Floats, float],
    scale: float,
    kept: int,
) -> Neighbours:
    """The best `kept` of each row of two layers, by scale x sum / (n_s^a n_t^b + shrinkage).

    `divisors` are n_s^a and n_t^b by product, and the shrinkage.
    """
    by_source, by_target, shrinkage = divisors
    found = (by_source.astype(np.float32), by_target.astype(np.float32), np.float32(shrinkage))
    one, other = layers
    return Neighbours(*_kept_rows(one.columns, other.columns, found, scale, kept))


@njit(cache=True, nogil=True)
def new_log(rows):  # noqa: ANN001, ANN201 (numba infers)
    """A table to be filled row by row: offsets, then products, sums and supporters."""
    offsets = np.zeros(rows + 1, dtype=np.int64)
    return (
        offsets,
        np.empty(_ROOM, np.int32),
        np.empty(_ROOM, np.float64),
        np.empty(_ROOM, np.int32),
    )


@njit(cache=True, nogil=True)
def with_room(log, used, more):  # noqa: ANN001, ANN201 (numba infers)
    """The table, with room for so many more entries."""
    offsets, products, sums, supporters = log
    room = len(products)
    if used + more <= room:
        return log
    while room < used + more:
        room *= 2
    longer = offsets, np.empty(room, np.int32), np.empty(room, np.float64), np.empty(room, np.int32)
    longer[1][:used] = products[:used]
    longer[2][:used] = sums[:used]
    longer[3][:used] = supporters[:used]
    return longer


@njit(cache=True, nogil=True)
def put_down(name, row, count, numbering, log):  # noqa: ANN001, ANN201 (numba infers)
    """Write a row of `counting` to the table as it is, and clean it; the table has room."""
    codes, values, touched = row
    names, ranks = numbering
    offsets, products, sums, supporters = log
    size = offsets[name]
    for product in np.sort(names[touched[:count]]):
        place = ranks[product]
        products[size], sums[size], supporters[size] = product, values[place, 2], codes[place, 1]
        codes[place, 0] = codes[place, 1] = codes[place, 2] = 0
        size += 1
    offsets[name + 1] = size


@njit(cache=True, nogil=True)
def closed(log):  # noqa: ANN001, ANN201 (numba infers)
    """The offsets, products, sums and supporters of a full table: views, without unused room."""
    offsets, products, sums, supporters = log
    used = offsets[-1]
    return offsets, products[:used], sums[:used], supporters[:used]


@njit(cache=True, nogil=True)
def _merge(one, other, whole):  # noqa: ANN001, ANN202 (numba infers)
    rows = len(one[0]) - 1
    log = with_room(new_log(rows), 0, len(one[1]) + len(other[1]))
    offsets, products, sums, supporters = log
    size = 0
    for row in range(rows):
        left, right = one[0][row], other[0][row]
        while left < one[0][row + 1] or right < other[0][row + 1]:
            left, right, product, total, crowd = _next(one, other, row, left, right)
            if crowd > 0 if whole else (crowd != 0 or total != 0.0):
                products[size], sums[size], supporters[size] = product, total, crowd
                size += 1
        offsets[row + 1] = size
    return closed(log)


@njit(cache=True, nogil=True)
def _next(one, other, row, left, right):  # noqa: ANN001, ANN202 (numba infers)
    """The entry that comes next in a row of two tables, and where they go on."""
    last = np.int32(2**31 - 1)
    first = one[1][left] if left < one[0][row + 1] else last
    second = other[1][right] if right < other[0][row + 1] else last
    product = min(first, second)
    total, crowd = 0.0, np.int32(0)
    if first == product:
        total, crowd = total + one[2][left], crowd + one[3][left]
        left += 1
    if second == product:
        total, crowd = total + other[2][right], crowd + other[3][right]
        right += 1
    return left, right, product, total, crowd


@njit(cache=True, nogil=True)
def _kept_rows(one, other, divisors, scale, limit):  # noqa: ANN001, ANN202 (numba infers)
    by_source, by_target, shrinkage = divisors
    n = len(by_target)
    names = np.arange(n).astype(np.int32)
    row, table = new_row(by_target), new_table(n, limit)
    codes, values, touched = row
    for source in range(n):
        count, left, right = 0, one[0][source], other[0][source]
        while left < one[0][source + 1] or right < other[0][source + 1]:
            left, right, product, total, crowd = _next(one, other, source, left, right)
            if crowd > 0:
                codes[product, 1] = crowd
                values[product, 2] = max(scale * total, 0.0)
                touched[count] = product
                count += 1
        close_row(source, row, count, (names, by_source[source], shrinkage), table)
    return finish(table)
