"""Kernels that count pairs of products row by row and keep the best of each row.

A row is a table over all products, clean between two rows. Four int32 belong to each product, so
that counting a pair touches one line of cache: the shopper counted last (plus 1; 0 for none), the
distinct shoppers, the sum and the divisor (both read as float32 through `values`). `touched` lists
the products of the row. Nothing the size of all pairs is ever held.

Inside the kernels products are numbered by falling popularity (see `crowded`): the few that take
most of the pairs then lie side by side, in the part of the table that the cache keeps.

What a kernel is about to read at random places is touched some slots ahead, in a loop that does
nothing else: the processor then fetches many lines at once instead of waiting for each.

The inner loops are written out in each model: a call there, even inlined, made them two to
four times slower.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from splitshelf.core.arrays import Ints, Longs
from splitshelf.learn.selection import kth_largest

AHEAD = 32
"""Slots that are touched before they are read."""
_SIEVE = 4
"""So many times the entries that a row keeps are gathered before those too light are dropped."""
_TRAILING = 18
"""Bits of a float32 that its bucket ignores: a bucket for each 32nd of a power of two."""
_BUCKETS = 1 << (31 - _TRAILING)

# Functions without annotations below take tuples of arrays, whose types numba infers.


def crowded(counts: Ints | Longs) -> tuple[Ints, Ints]:
    """The products by falling count, int32 [n], and the place of each product there, int32 [n]."""
    names = np.argsort(-counts, kind="stable").astype(np.int32)
    places = np.empty_like(names)
    places[names] = np.arange(len(names), dtype=np.int32)
    return names, places


@njit(cache=True, nogil=True)
def weave(offsets: Longs, products: Ints, moments: Ints, ranks: Ints) -> NDArray[np.int32]:
    """The turns of all shoppers, int32 [turns + shoppers + 1, 2], a line of cache for eight.

    Rank of the product, and instant. A rank of -1 stands before, between and after the shoppers,
    so that walks stop there: turn t of shopper s (counted from 0) lies at t + s + 1.
    """
    shoppers = len(offsets) - 1
    woven = np.empty((len(products) + shoppers + 1, 2), dtype=np.int32)
    woven[0, 0] = -1
    for shopper in range(shoppers):
        for turn in range(offsets[shopper], offsets[shopper + 1]):
            woven[turn + shopper + 1, 0] = ranks[products[turn]]
            woven[turn + shopper + 1, 1] = moments[turn]
        woven[offsets[shopper + 1] + shopper + 1, 0] = -1
    return woven


@njit(cache=True, nogil=True)
def places_of(woven: NDArray[np.int32], counts: Longs) -> tuple[Longs, Ints]:
    """For each rank, its places in the woven turns: starts, int32 [turns, 2].

    A place, and the shopper there + 1. `counts` says how many turns each rank has.
    """
    starts = np.zeros(len(counts) + 1, dtype=np.int64)
    starts[1:] = np.cumsum(counts)
    free = starts[:-1].copy()
    places = np.empty((starts[-1], 2), dtype=np.int32)
    owner = 0
    for place in range(len(woven)):
        rank = woven[place, 0]
        if rank < 0:
            owner += 1
            continue
        places[free[rank], 0] = place
        places[free[rank], 1] = owner
        free[rank] += 1
    return starts, places


@njit(cache=True, nogil=True)
def holders(offsets: Longs, products: Ints, counts: Ints) -> tuple[Longs, Ints]:
    """For each product, the distinct shoppers who turned to it, rising: starts, shoppers.

    `counts` is what `distinct_shoppers` says of the same turns.
    """
    starts = np.zeros(len(counts) + 1, dtype=np.int64)
    starts[1:] = np.cumsum(counts)
    free = starts[:-1].copy()
    last = np.full(len(counts), -1, dtype=np.int32)
    shoppers = np.empty(starts[-1], dtype=np.int32)
    for shopper in range(len(offsets) - 1):
        for turn in range(offsets[shopper], offsets[shopper + 1]):
            product = products[turn]
            if last[product] != shopper:
                last[product] = shopper
                shoppers[free[product]] = shopper
                free[product] += 1
    return starts, shoppers


@njit(cache=True, nogil=True)
def distinct_shoppers(offsets: Longs, products: Ints, n_products: int) -> Ints:
    """How many shoppers turned to each product, int32 [n products]."""
    counts = np.zeros(n_products, dtype=np.int32)
    last = np.full(n_products, -1, dtype=np.int32)
    for shopper in range(len(offsets) - 1):
        for turn in range(offsets[shopper], offsets[shopper + 1]):
            product = products[turn]
            counts[product] += last[product] != shopper
            last[product] = shopper
    return counts


@njit(cache=True, nogil=True)
def new_row(by_target):  # noqa: ANN001, ANN201 (numba infers)
    """A clean row over n products: codes [n, 4], values (the same as float32), touched."""
    codes = np.zeros((len(by_target), 4), dtype=np.int32)
    values = codes.view(np.float32)
    values[:, 3] = by_target
    return codes, values, np.empty(len(by_target) + 1, dtype=np.int32)


@njit(cache=True, nogil=True)
def new_table(n, limit):  # noqa: ANN001, ANN201 (numba infers)
    """Room for n rows of at most `limit` entries: offsets, products, weights, supporters, scratch.

    The scratch holds one row before it is cut: weights, supporters, and how many weights fall into
    each bucket of `bar`, all 0 between two rows.
    """
    room = n * limit
    return (
        np.zeros(n + 1, dtype=np.int64),
        np.empty(room, dtype=np.int32),
        np.empty(room, dtype=np.float32),
        np.empty(room, dtype=np.int32),
        (np.empty(n, np.float32), np.empty(n, np.int32), np.zeros(_BUCKETS, np.int32)),
    )


@njit(cache=True, nogil=True)
def close_row(source, row, count, divisors, table):  # noqa: ANN001, ANN201 (numba infers)
    """Divide the row, write its best entries to the table, and clean it for the next source.

    The divisor is by_source * by_target[product] + shrinkage. `source` and what is written are
    products by their own numbers, `names`; rows come in their order. Of those that tie for the
    last places, the first by number stay.
    """
    codes, values, touched = row
    names, by_source, shrinkage = divisors
    offsets, products, weights, support, scratch = table
    weighed, counted, _ = scratch
    limit = len(products) // (len(offsets) - 1)
    size, full, low = 0, _SIEVE * limit, np.float32(0.0)
    for place in range(count):
        product = touched[place]
        weight = values[product, 2] / (by_source * values[product, 3] + shrinkage)
        if weight >= low:
            touched[size], weighed[size], counted[size] = product, weight, codes[product, 1]
            size += 1
            if size == full:
                size, low = sieve(touched, scratch, size, limit)
                full = size + _SIEVE * limit
        codes[product, 0] = codes[product, 1] = codes[product, 2] = 0
    count = size
    floor, last = bar(touched[:count], scratch, names, limit)
    size = offsets[source]
    for place in range(count):
        if weighed[place] >= floor:
            name = names[touched[place]]
            if weighed[place] > floor or name <= last:
                products[size], weights[size], support[size] = name, weighed[place], counted[place]
                size += 1
    offsets[source + 1] = size


@njit(cache=True, nogil=True)
def sieve(touched, scratch, size, limit):  # noqa: ANN001, ANN201 (numba infers)
    """How many of the first `size` entries weigh as much as the `limit`-th best, and its weight.

    They are moved to the front, in their order; no other can be among the best of a longer row.
    """
    weighed, counted, _ = scratch
    low = kth_largest(weighed[:size], limit)
    kept = 0
    for place in range(size):
        if weighed[place] >= low:
            touched[kept], weighed[kept] = touched[place], weighed[place]
            counted[kept] = counted[place]
            kept += 1
    return kept, low


@njit(cache=True, nogil=True)
def bar(touched, scratch, names, limit):  # noqa: ANN001, ANN201 (numba infers)
    """The smallest weight among the best `limit`, and the last product kept with it.

    Weights at least 0 fall into buckets by their leading bits, which keep their order: so only
    those of one bucket are left to select among.
    """
    weighed, _, buckets = scratch
    if len(touched) <= limit:
        return np.float32(0.0), len(names)
    leading = weighed[: len(touched)].view(np.int32)
    low, high = _BUCKETS, 0
    for place in range(len(touched)):
        bucket = leading[place] >> _TRAILING
        buckets[bucket] += 1
        low, high = min(low, bucket), max(high, bucket)
    bucket, above = high, 0
    while above + buckets[bucket] < limit:
        above += buckets[bucket]
        bucket -= 1
    among = np.empty(buckets[bucket], dtype=np.float32)
    buckets[low : high + 1] = 0
    size = 0
    for place in range(len(touched)):
        if leading[place] >> _TRAILING == bucket:
            among[size] = weighed[place]
            size += 1
    floor = kth_largest(among, limit - above)
    free = limit - above - (among > floor).sum()
    if free == (among == floor).sum():
        return floor, len(names)
    ties = np.sort(names[touched[weighed[: len(touched)] == floor]])
    return floor, ties[free - 1]


@njit(cache=True, nogil=True)
def cut(scratch, size, limit):  # noqa: ANN001, ANN201 (numba infers)
    """The first `size` entries cut to the best `limit`, in their order: the new size and the bar.

    The bar is the smallest weight kept, and the last product kept with it: of those that tie for
    the last places, the first by product stay.
    """
    products, weights, counts = scratch
    if size <= limit:
        return size, np.float32(-1.0), 0
    floor = kth_largest(weights[:size], limit)
    above = (weights[:size] > floor).sum()
    ties = np.sort(products[:size][weights[:size] == floor])
    last = ties[limit - above - 1]
    kept = 0
    for place in range(size):
        weight = weights[place]
        if weight > floor or (weight == floor and products[place] <= last):
            products[kept], weights[kept], counts[kept] = products[place], weight, counts[place]
            kept += 1
    return kept, floor, last


@njit(cache=True, nogil=True)
def finish(table):  # noqa: ANN001, ANN201 (numba infers)
    """The offsets, products, weights and supporters of a full table.

    They are views: the unused room was never touched, so it is no memory.
    """
    offsets, products, weights, support, _ = table
    used = offsets[-1]
    return offsets, products[:used], weights[:used], support[:used]
