"""The inner loops of serving a linear model: add up the rows of the events, keep the best, cite.

A linear model is some neighbour tables, each with a decay and a weight, and a score a product that
is the same for everybody. Scratch arrays are as long as the catalogue, belong to one thread and
are left as they were found, so that a request costs by the rows it reads and not by the catalogue.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from splitshelf.core.arrays import Bools, Bytes, Floats, Ints, Longs
from splitshelf.learn.neighbours import keep_best

_TOUCHED, _BLOCKED = 1, 2


@njit(cache=True, nogil=True)
def strengths_of(events: Floats, steps: Ints, decays: Floats, weights: Floats) -> Floats:
    """How much each event counts in each table, float64 [tables, m]."""
    table = np.empty((len(decays), len(events)))
    for t in range(len(decays)):
        for e in range(len(events)):
            table[t, e] = weights[t] * events[e] * decays[t] ** steps[e]
    return table


@njit(cache=True, nogil=True)
def pool_of(  # noqa: ANN201, PLR0913, PLR0917 (numba infers; a kernel is flat, buffers in and out)
    tables,  # noqa: ANN001 (offsets, products, weights: one tuple of arrays each)
    sources: Ints,
    strengths: Floats,
    common,  # noqa: ANN001 (float64: the score that all share; int32: the products by it)
    sellable: Bools,
    blocked: Ints,
    scratch,  # noqa: ANN001 (scores float64, marks int8, lists int32: each zero or free)
    size: int,
):
    """The best sellable products that are not blocked, at most `size`, and their scores.

    Only scores above 0; ties by index.
    """
    shared, favourites = common
    scores, marks, touched, among = scratch
    count = add_rows(tables, sources, strengths, scores, marks, touched)
    count = forbid(blocked, marks, touched, count)
    found = 0
    for i in range(count):
        code = touched[i]
        scores[code] += shared[code]
        if marks[code] == _TOUCHED and sellable[code]:
            among[found] = code
            found += 1
    missing = size
    for code in favourites:
        if missing == 0 or shared[code] <= 0.0:
            break
        if marks[code] == 0 and sellable[code]:
            scores[code] = shared[code]
            touched[count] = among[found] = code
            count, found, missing = count + 1, found + 1, missing - 1
    heap = np.empty(size, dtype=np.int32)
    kept = heap[: keep_best(among, found, scores, heap)]
    values = scores[kept]
    for i in range(count):
        scores[touched[i]] = 0.0
        marks[touched[i]] = 0
    return kept, values


@njit(cache=True, nogil=True)
def forbid(blocked: Ints, marks: Bytes, touched: Ints, count: int) -> int:
    """How many products are marked once the blocked ones are."""
    for code in blocked:
        if marks[code] == 0:
            touched[count] = code
            count += 1
        marks[code] = _BLOCKED
    return count


@njit(cache=True, nogil=True)
def row_of(offsets: Longs, source: int, strength: float) -> tuple[int, int]:
    """Where the row of a product starts and stops; nowhere where it has none or counts nothing."""
    if strength == 0.0 or source >= len(offsets) - 1:
        return 0, 0
    return offsets[source], offsets[source + 1]


@njit(cache=True, nogil=True)
def add_rows(  # noqa: PLR0917 (a kernel is flat)
    tables,  # noqa: ANN001 (as above)
    sources: Ints,
    strengths: Floats,
    scores: Floats,
    marks: Bytes,
    touched: Ints,
) -> int:
    """How many products got a score; adds to `scores` the rows of the events."""
    offsets, products, weights = tables
    count = 0
    for t in range(len(offsets)):
        for e in range(len(sources)):
            strength = strengths[t, e]
            start, stop = row_of(offsets[t], sources[e], strength)
            for entry in range(start, stop):
                code = products[t][entry]
                if marks[code] == 0:
                    marks[code] = _TOUCHED
                    touched[count] = code
                    count += 1
                scores[code] += strength * weights[t][entry]
    return count


@njit(cache=True, nogil=True)
def cite(  # noqa: ANN201 (numba infers)
    tables,  # noqa: ANN001 (as above)
    sources: Ints,
    strengths: Floats,
    chosen: Ints,
    slots: NDArray[np.int16],
):
    """For each chosen product the event that adds most to its score: what it adds, and by what.

    Four arrays [chosen]: the event (-1 for none), its part of the score over all tables, the table
    that makes most of that part, and the entry there. `slots` is scratch, all 0.
    """
    offsets, products, weights = tables
    sums = np.zeros((len(chosen), len(sources)))
    peaks = np.zeros((len(chosen), len(sources)))
    mains = np.zeros((len(chosen), len(sources), 2), dtype=np.int64)
    for slot in range(len(chosen)):
        slots[chosen[slot]] = slot + 1
    for t in range(len(offsets)):
        for e in range(len(sources)):
            strength = strengths[t, e]
            start, stop = row_of(offsets[t], sources[e], strength)
            for entry in range(start, stop):
                slot = slots[products[t][entry]] - 1
                if slot >= 0:
                    value = strength * weights[t][entry]
                    sums[slot, e] += value
                    if abs(value) > peaks[slot, e]:
                        peaks[slot, e] = abs(value)
                        mains[slot, e, 0], mains[slot, e, 1] = t, entry
    for slot in range(len(chosen)):
        slots[chosen[slot]] = 0
    return largest(sums, mains)


@njit(cache=True, nogil=True)
def largest(sums: Floats, mains: NDArray[np.int64]):  # noqa: ANN201 (numba infers)
    """Of each row its largest positive entry: where, how much, and the main table and entry."""
    rows = len(sums)
    events = np.full(rows, -1, dtype=np.int32)
    values = np.zeros(rows)
    tables = np.zeros(rows, dtype=np.int64)
    entries = np.zeros(rows, dtype=np.int64)
    for row in range(rows):
        for e in range(sums.shape[1]):
            if sums[row, e] > values[row]:
                events[row], values[row] = e, sums[row, e]
                tables[row], entries[row] = mains[row, e]
    return events, values, tables, entries
