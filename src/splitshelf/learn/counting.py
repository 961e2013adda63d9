"""Kernels that count pairs of products row by row and keep the best of each row.

A row is a tuple of flat arrays over all products, clean between two rows: sums (float32),
supporters (int32: distinct shoppers), last (int32: the shopper counted last, -1 for none) and
touched (int32: which products the row holds). Nothing the size of all pairs is ever held.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from splitshelf.core.arrays import Ints, Longs
from splitshelf.learn.neighbours import keep_best

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
    """A clean row over n products."""
    return (
        np.zeros(n, dtype=np.float32),
        np.zeros(n, dtype=np.int32),
        np.full(n, -1, dtype=np.int32),
        np.empty(n, dtype=np.int32),
    )


@njit(cache=True, nogil=True)
def new_table(n, limit):  # noqa: ANN001, ANN201 (numba infers)
    """Room for n rows of at most `limit` entries: offsets, products, weights, supporters, heap."""
    room = n * limit
    return (
        np.zeros(n + 1, dtype=np.int64),
        np.empty(room, dtype=np.int32),
        np.empty(room, dtype=np.float32),
        np.empty(room, dtype=np.int32),
        np.empty(limit, dtype=np.int32),
    )


@njit(cache=True, nogil=True)
def tally(row, count, product, owner, amount):  # noqa: ANN001, ANN201 (numba infers)
    """How many products the row holds once `amount` was added to one on a shopper's behalf."""
    sums, supporters, last, touched = row
    if supporters[product] == 0:
        touched[count] = product
        count += 1
    if last[product] != owner:
        last[product] = owner
        supporters[product] += 1
    sums[product] += amount
    return count


@njit(cache=True, nogil=True)
def close_row(source, row, count, divisors, table):  # noqa: ANN001, ANN201 (numba infers)
    """Divide the row, write its best entries to the table, and clean it for the next source.

    The divisor is row[source] * column[product] + shrinkage.
    """
    sums, supporters, last, touched = row
    by_source, by_target, shrinkage = divisors
    offsets, products, weights, support, heap = table
    for place in range(count):
        product = touched[place]
        sums[product] /= by_source[source] * by_target[product] + shrinkage
    kept = keep_best(touched, count, sums, heap)
    start = offsets[source]
    offsets[source + 1] = start + kept
    for place in range(kept):
        products[start + place] = heap[place]
        weights[start + place] = sums[heap[place]]
        support[start + place] = supporters[heap[place]]
    for place in range(count):
        product = touched[place]
        sums[product] = 0.0
        supporters[product] = 0
        last[product] = -1


@njit(cache=True, nogil=True)
def finish(table):  # noqa: ANN001, ANN201 (numba infers)
    """The offsets, products, weights and supporters of a full table, cut to size."""
    offsets, products, weights, support, _ = table
    used = offsets[-1]
    return offsets, products[:used].copy(), weights[:used].copy(), support[:used].copy()
