"""The inner loops of reasons: which event adds most to a score, and by which table."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from splitshelf.core.arrays import Floats, Ints
from splitshelf.serve.kernels import row_of, strengths_of


@njit(cache=True, nogil=True)
def cite(  # noqa: ANN201 (numba infers)
    model,  # noqa: ANN001 (see kernels.Sum)
    activity,  # noqa: ANN001 (products int32, types int8 and steps int32 of the events)
    chosen: Ints,
    slots: NDArray[np.int16],
):
    """For each chosen product what adds most to its score: an event, or what is the same for all.

    Four arrays [chosen]: the event (-1 for none), its part of the score over all tables, the table
    that makes most of that part, and the distinct shoppers behind the entry there (-1 where
    unknown). Where a static score is more than that, the event is -1 and the table is its place
    among the statics; a value of 0 says that nothing adds to the score. `slots` is scratch, all 0.
    Events are read in the order of the most that they can add, and no more once that is less than
    what every product has found.
    """
    sources, types, steps = activity
    strengths = strengths_of(types, steps, model.terms)
    count = len(chosen)
    events = np.full(count, -1, dtype=np.int64)
    values = np.zeros(count)
    mains = np.zeros(count, dtype=np.int64)
    crowds = np.full(count, -1, dtype=np.int64)
    sums, peaks = np.zeros(count), np.zeros(count)
    entries = np.zeros((count, 2), dtype=np.int64)
    for slot in range(count):
        slots[chosen[slot]] = slot + 1
    bounds = bounds_of(model.tables[0], model.peaks, sources, strengths)
    for e in np.argsort(-bounds):
        if bounds[e] < values.min():
            break
        sums[:] = 0.0
        peaks[:] = 0.0
        scan(model.tables, sources[e], strengths[:, e], slots, (sums, peaks, entries))
        for slot in range(count):
            if beats(sums[slot], e, values[slot], events[slot]):
                events[slot], values[slot], mains[slot] = e, sums[slot], entries[slot, 0]
                crowds[slot] = crowd(model.supporters[mains[slot]], entries[slot, 1])
    for slot in range(count):
        slots[chosen[slot]] = 0
    cite_static(model.statics, chosen, (events, values, mains, crowds))
    return events, values, mains, crowds


@njit(cache=True, nogil=True)
def cite_static(statics, chosen: Ints, found) -> None:  # noqa: ANN001 (Sum.statics; four arrays)
    """Put what is the same for everybody in the place of events that add less."""
    scores, supporters, weights = statics
    events, values, mains, crowds = found
    for s in range(len(scores)):
        for slot in range(len(chosen)):
            code = chosen[slot]
            value = weights[s] * scores[s][code] if code < len(scores[s]) else 0.0
            if value > values[slot]:
                events[slot], values[slot], mains[slot] = -1, value, s
                crowds[slot] = supporters[s][code]


@njit(cache=True, nogil=True)
def scan(
    tables,  # noqa: ANN001 (offsets, products, weights: one tuple of arrays each)
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


@njit(cache=True, nogil=True)
def rarest(offsets, codes, worth, left, right) -> int:  # noqa: ANN001 (arrays of numba, scalars)
    """The attribute of most worth that two products share, the first of equals; -1 for none.

    Both rows of codes rise.
    """
    i, j, best = offsets[left], offsets[right], -1
    while i < offsets[left + 1] and j < offsets[right + 1]:
        if codes[i] < codes[j]:
            i += 1
        elif codes[i] > codes[j]:
            j += 1
        else:
            if best < 0 or worth[codes[i]] > worth[best]:
                best = codes[i]
            i, j = i + 1, j + 1
    return best
