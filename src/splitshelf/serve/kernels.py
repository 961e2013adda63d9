"""The inner loops of serving a linear model: add up the rows of the events, keep the best, cite.

A linear model is some neighbour tables, each with a decay and a weight, and a score a product that
is the same for everybody. Scratch arrays are as long as the catalogue, belong to one thread and
are left as they were found, so that a request costs by the rows it reads and not by the catalogue.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from splitshelf.core.arrays import Bools, Bytes, Floats, Ints
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
def scores_of(  # noqa: PLR0917 (a kernel is flat)
    tables,  # noqa: ANN001 (as above)
    sources: Ints,
    strengths: Floats,
    shared: Floats,
    chosen: Ints,
    scratch,  # noqa: ANN001 (as above)
) -> Floats:
    """The scores of some products, float64 [chosen]."""
    scores, marks, touched, _ = scratch
    count = add_rows(tables, sources, strengths, scores, marks, touched)
    values = np.empty(len(chosen))
    for i in range(len(chosen)):
        values[i] = scores[chosen[i]] + shared[chosen[i]]
    for i in range(count):
        scores[touched[i]] = 0.0
        marks[touched[i]] = 0
    return values


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
def row_of(offsets, source, strength):  # noqa: ANN001, ANN201 (numba infers)
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
def cite(  # noqa: ANN201, PLR0917 (numba infers; a kernel is flat)
    tables,  # noqa: ANN001 (as above)
    supporters,  # noqa: ANN001 (a tuple of int32 arrays, empty where a table has no counts)
    peaks_of_rows,  # noqa: ANN001 (a tuple of float32 arrays: the largest weight of each row)
    sources: Ints,
    strengths: Floats,
    chosen: Ints,
    slots: NDArray[np.int16],
):
    """For each chosen product the event that adds most to its score: what it adds, and by what.

    Five arrays [chosen]: the event (-1 for none), its part of the score over all tables, the table
    that makes most of that part, the distinct shoppers behind the entry there (-1 where unknown),
    and the product of the event. `slots` is scratch, all 0. Events are read in the order of the
    most that they can add, and no more once that is less than what every product has found.
    """
    count = len(chosen)
    events = np.full(count, -1, dtype=np.int64)
    values = np.zeros(count)
    mains = np.zeros(count, dtype=np.int64)
    crowds = np.full(count, -1, dtype=np.int64)
    sums, peaks = np.zeros(count), np.zeros(count)
    entries = np.zeros((count, 2), dtype=np.int64)
    for slot in range(count):
        slots[chosen[slot]] = slot + 1
    bounds = bounds_of(tables[0], peaks_of_rows, sources, strengths)
    for e in np.argsort(-bounds):
        if bounds[e] < values.min():
            break
        sums[:] = 0.0
        peaks[:] = 0.0
        scan(tables, sources[e], strengths[:, e], slots, (sums, peaks, entries))
        for slot in range(count):
            if beats(sums[slot], e, values[slot], events[slot]):
                events[slot], values[slot], mains[slot] = e, sums[slot], entries[slot, 0]
                crowds[slot] = crowd(supporters[mains[slot]], entries[slot, 1])
    for slot in range(count):
        slots[chosen[slot]] = 0
    return events, values, mains, crowds, np.where(events >= 0, sources[events], -1)


@njit(cache=True, nogil=True)
def scan(
    tables,  # noqa: ANN001 (as above)
    source,  # noqa: ANN001 (an entry of an int32 array)
    strengths: Floats,
    slots: NDArray[np.int16],
    found,  # noqa: ANN001 (sums, peaks and entries of the chosen products)
) -> None:
    """Add up what one event adds to each chosen product."""
    offsets, products, weights = tables
    for t in range(len(offsets)):
        start, stop = row_of(offsets[t], source, strengths[t])
        for entry in range(start, stop):
            slot = slots[products[t][entry]] - 1
            if slot >= 0:
                add(found, slot, strengths[t] * weights[t][entry], t, entry)


@njit(cache=True, nogil=True)
def beats(value: float, event: int, best: float, holder: int) -> bool:
    """Whether an event adds more than the best so far; of equals the older one holds."""
    return value > best or (value == best and 0 <= event < holder)


@njit(cache=True, nogil=True)
def bounds_of(offsets, peaks, sources: Ints, strengths: Floats) -> Floats:  # noqa: ANN001 (as above)
    """The most that each event can add to any score: its strength times the peaks of its rows."""
    bounds = np.zeros(len(sources))
    for t in range(len(offsets)):
        for e in range(len(sources)):
            start, stop = row_of(offsets[t], sources[e], strengths[t, e])
            if stop > start and strengths[t, e] > 0.0:
                bounds[e] += strengths[t, e] * max(peaks[t][sources[e]], 0.0)
    return bounds


@njit(cache=True, nogil=True)
def add(
    found,  # noqa: ANN001 (as above)
    slot,  # noqa: ANN001 (one less than an entry of `slots`)
    value: float,
    table: int,
    entry: int,
) -> None:
    """Add one entry to what an event adds to a product; remember the largest."""
    sums, peaks, entries = found
    sums[slot] += value
    if abs(value) > peaks[slot]:
        peaks[slot] = abs(value)
        entries[slot, 0], entries[slot, 1] = table, entry


@njit(cache=True, nogil=True)
def crowd(supporters: Ints, entry: int) -> int:
    """The distinct shoppers behind an entry; -1 where nobody counted."""
    return supporters[entry] if len(supporters) else -1
