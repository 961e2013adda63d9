"""Kernels that count pairs of products row by row and keep the best of each row.

A row is flat arrays over all products, clean between two rows. Four int32 of `codes` belong to
each product, so that counting a pair touches one line of cache: the shopper counted last (plus
1; 0 for none), the distinct shoppers, the sum (read as float32 through `values`) and nothing.
`touched` lists the products of the row. Nothing the size of all pairs is ever held.

The inner loops are written out in each model: a call there, even inlined, made them two to
four times slower.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from splitshelf.core.arrays import Ints, Longs
from splitshelf.learn.selection import kth_largest

# Functions without annotations below take tuples of arrays, whose types numba infers.


@njit(cache=True, nogil=True)
def pad(
    offsets: Longs, products: Ints, moments: Ints, strengths: NDArray[np.float32]
) -> tuple[Ints, Ints, NDArray[np.float32]]:
    """The turns with a -1 before, between and after the shoppers, so that walks stop there."""
    shoppers = len(offsets) - 1
    sequence = np.full(len(products) + shoppers + 1, -1, dtype=np.int32)
    instants = np.zeros(len(sequence), dtype=np.int32)
    spread = np.zeros(len(sequence), dtype=np.float32)
    for shopper in range(shoppers):
        for turn in range(offsets[shopper], offsets[shopper + 1]):
            sequence[turn + shopper + 1] = products[turn]
            instants[turn + shopper + 1] = moments[turn]
            spread[turn + shopper + 1] = strengths[turn]
    return sequence, instants, spread


@njit(cache=True, nogil=True)
def occurrences(offsets: Longs, products: Ints, n_products: int) -> tuple[Longs, Longs, Ints]:
    """For each product, which turns are of it, and whose: starts, turns, owners."""
    starts = np.zeros(n_products + 1, dtype=np.int64)
    for product in products:
        starts[product + 1] += 1
    starts = np.cumsum(starts)
    free = starts[:-1].copy()
    turns = np.empty(len(products), dtype=np.int64)
    owners = np.empty(len(products), dtype=np.int32)
    for shopper in range(len(offsets) - 1):
        for turn in range(offsets[shopper], offsets[shopper + 1]):
            slot = free[products[turn]]
            free[products[turn]] += 1
            turns[slot] = turn
            owners[slot] = shopper
    return starts, turns, owners


@njit(cache=True, nogil=True)
def distinct_owners(starts: Longs, owners: Ints) -> Ints:
    """How many shoppers turned to each product, int32 [n products]; from `occurrences`."""
    shoppers = np.zeros(len(starts) - 1, dtype=np.int32)
    for product in range(len(starts) - 1):
        for slot in range(starts[product], starts[product + 1]):
            if slot == starts[product] or owners[slot] != owners[slot - 1]:
                shoppers[product] += 1
    return shoppers


@njit(cache=True, nogil=True)
def new_row(n):  # noqa: ANN001, ANN201 (numba infers)
    """A clean row over n products: codes, values, touched."""
    codes = np.zeros(4 * n, dtype=np.int32)
    return codes, codes.view(np.float32), np.empty(n, dtype=np.int32)


@njit(cache=True, nogil=True)
def new_table(n, limit):  # noqa: ANN001, ANN201 (numba infers)
    """Room for n rows of at most `limit` entries: offsets, products, weights, supporters, scratch.

    The scratch is three arrays over the products of one row: weights, supporters, places.
    """
    room = n * limit
    return (
        np.zeros(n + 1, dtype=np.int64),
        np.empty(room, dtype=np.int32),
        np.empty(room, dtype=np.float32),
        np.empty(room, dtype=np.int32),
        (np.empty(n, dtype=np.float32), np.empty(n, dtype=np.int32), np.empty(limit, np.int32)),
    )


@njit(cache=True, nogil=True)
def close_row(source, row, count, divisors, table):  # noqa: ANN001, ANN201 (numba infers)
    """Divide the row, write its best entries to the table, and clean it for the next source.

    The divisor is by_source[source] * by_target[product] + shrinkage.
    """
    codes, values, touched = row
    by_source, by_target, shrinkage = divisors
    offsets, products, weights, support, scratch = table
    weighed, counted, chosen = scratch
    popularity = by_source[source]
    for place in range(count):
        cell = 4 * touched[place]
        weighed[place] = values[cell + 2] / (popularity * by_target[touched[place]] + shrinkage)
        counted[place] = codes[cell + 1]
        codes[cell] = 0
        codes[cell + 1] = 0
        codes[cell + 2] = 0
    kept = select(weighed[:count], touched, chosen)
    start = offsets[source]
    offsets[source + 1] = start + kept
    for place in range(kept):
        products[start + place] = touched[chosen[place]]
        weights[start + place] = weighed[chosen[place]]
        support[start + place] = counted[chosen[place]]


@njit(cache=True, nogil=True)
def select(weighed: NDArray[np.float32], products: Ints, chosen: Ints) -> int:
    """How many places of `weighed` were put into `chosen`: the best, in no order.

    At most len(chosen); of those that tie for the last places, the first by product.
    """
    limit, count = len(chosen), len(weighed)
    if count <= limit:
        for place in range(count):
            chosen[place] = place
        return count
    threshold = kth_largest(weighed, limit)
    size = 0
    for place in range(count):
        if weighed[place] > threshold:
            chosen[size] = place
            size += 1
    ties = np.flatnonzero(weighed == threshold)
    order = np.argsort(products[ties])
    for place in range(size, limit):
        chosen[place] = ties[order[place - size]]
    return limit


@njit(cache=True, nogil=True)
def finish(table):  # noqa: ANN001, ANN201 (numba infers)
    """The offsets, products, weights and supporters of a full table.

    They are views: the unused room was never touched, so it is no memory.
    """
    offsets, products, weights, support, _ = table
    used = offsets[-1]
    return offsets, products[:used], weights[:used], support[:used]
