"""The inner loops of serving a linear model: add up the rows of the events, keep the best, cite.

A linear model is some neighbour tables, each with a decay and a weight, and a score a product that
is the same for everybody. Scratch arrays are as long as the catalogue, belong to one thread and
are left as they were found, so that a request costs by the rows it reads and not by the catalogue.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from splitshelf.core.arrays import Bytes, Floats, Ints
from splitshelf.learn.neighbours import FAINT

_TOUCHED, _BLOCKED = 1, 2


@njit(cache=True, nogil=True)
def strengths_of(types: Bytes, steps: Ints, terms) -> Floats:  # noqa: ANN001 (three float64 arrays)
    """How much each event counts in each table, float64 [tables, m].

    `terms` are what an event of each type counts, and the decay and the weight of each table.
    """
    acts, decays, weights = terms
    table = np.empty((len(decays), len(types)))
    for t in range(len(decays)):
        for e in range(len(types)):
            left = decays[t] ** steps[e]
            table[t, e] = weights[t] * acts[types[e]] * left if left >= FAINT else 0.0
    return table


@njit(cache=True, nogil=True)
def pool_of(  # noqa: ANN201, C901, PLR0913, PLR0917 (numba infers; a kernel is flat and whole)
    tables,  # noqa: ANN001 (offsets, products, weights: one tuple of arrays each)
    activity,  # noqa: ANN001 (products int32, types int8 and steps int32 of the events)
    terms,  # noqa: ANN001 (see strengths_of)
    common,  # noqa: ANN001 (float64: the score that all share; int32: the products by it)
    limits,  # noqa: ANN001 (sellable bool; factors float64, empty where there are none)
    blocked: Ints,
    scratch,  # noqa: ANN001 (scores float64, marks int8, a list int32: each zero or free)
    size: int,
):
    """The best sellable products that are not blocked, at most `size`, and their scores.

    Only scores above 0; ties by index. Scores are multiplied by the factors, and products of which
    only the shared score speaks are looked at in its order, four times as many where factors could
    change it.
    """
    shared, favourites = common
    sellable, factors = limits
    scores, marks, touched = scratch
    sources, types, steps = activity
    count = add_rows(tables, sources, strengths_of(types, steps, terms), scores, marks, touched)
    count = forbid(blocked, marks, touched, count)
    values = np.empty(size)
    kept = np.empty(size, dtype=np.int32)
    held = 0
    for i in range(count):
        code = touched[i]
        value = scores[code] + shared[code]
        open_ = marks[code] == _TOUCHED and sellable[code]
        scores[code] = 0.0
        if open_:
            if len(factors):
                value *= factors[code]
            held = offer(kept, values, held, code, value)
    missing = size if len(factors) == 0 else 4 * size
    for code in favourites:
        if missing == 0 or shared[code] <= 0.0:
            break
        if marks[code] == 0 and sellable[code]:
            value = shared[code] * factors[code] if len(factors) else shared[code]
            held = offer(kept, values, held, code, value)
            missing -= 1
    for i in range(count):
        marks[touched[i]] = 0
    if held < size:
        build(kept, values, held)
    return sort(kept, values, held)


@njit(cache=True, nogil=True)
def offer(kept: Ints, values: Floats, held: int, code, value) -> int:  # noqa: ANN001 (scalars)
    """How many the heap holds once it was offered one more; it keeps the best."""
    if value <= 0.0:
        return held
    if held < len(kept):
        kept[held], values[held] = code, value
        if held + 1 == len(kept):
            build(kept, values, held + 1)
        return held + 1
    if value > values[0] or (value == values[0] and code < kept[0]):
        kept[0], values[0] = code, value
        sink(kept, values, held, 0)
    return held


@njit(cache=True, nogil=True)
def build(kept: Ints, values: Floats, held: int) -> None:
    """Order a heap so that each entry is worse than its children."""
    for parent in range(held // 2 - 1, -1, -1):
        sink(kept, values, held, parent)


@njit(cache=True, nogil=True)
def sink(kept: Ints, values: Floats, held: int, place: int) -> None:
    """Move an entry down until the worst stands on top; of equals the later index is worse."""
    code, value = kept[place], values[place]
    while True:
        child = 2 * place + 1
        if child >= held:
            break
        if child + 1 < held and worse(kept, values, child + 1, child):
            child += 1
        if value < values[child] or (value == values[child] and code > kept[child]):
            break
        kept[place], values[place] = kept[child], values[child]
        place = child
    kept[place], values[place] = code, value


@njit(cache=True, nogil=True)
def worse(kept: Ints, values: Floats, left: int, right: int) -> bool:
    """Whether one entry ranks below another: a smaller value, or the same and a later index."""
    if values[left] != values[right]:
        return values[left] < values[right]
    return kept[left] > kept[right]


@njit(cache=True, nogil=True)
def sort(kept: Ints, values: Floats, held: int):  # noqa: ANN201 (numba infers)
    """The entries of a heap, best first."""
    for last in range(held - 1, 0, -1):
        code, value = kept[0], values[0]
        kept[0], values[0] = kept[last], values[last]
        kept[last], values[last] = code, value
        sink(kept, values, last, 0)
    return kept[:held], values[:held]


@njit(cache=True, nogil=True)
def scores_of(  # noqa: PLR0917 (a kernel is flat)
    tables,  # noqa: ANN001 (as above)
    activity,  # noqa: ANN001 (as above)
    terms,  # noqa: ANN001 (as above)
    shared: Floats,
    chosen: Ints,
    slots: NDArray[np.int16],
) -> Floats:
    """The scores of some products, none twice, float64 [chosen]; `slots` is scratch, all 0."""
    sources, types, steps = activity
    strengths = strengths_of(types, steps, terms)
    values = shared[chosen]
    for slot in range(len(chosen)):
        slots[chosen[slot]] = slot + 1
    offsets, products, weights = tables
    for t in range(len(offsets)):
        for e in range(len(sources)):
            start, stop = row_of(offsets[t], sources[e], strengths[t, e])
            for entry in range(start, stop):
                slot = slots[products[t][entry]] - 1
                if slot >= 0:
                    values[slot] += strengths[t, e] * weights[t][entry]
    for slot in range(len(chosen)):
        slots[chosen[slot]] = 0
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
                touched[count] = code  # no branch: half of them are new, in no order
                count += marks[code] == 0
                marks[code] = _TOUCHED
                scores[code] += strength * weights[t][entry]
    return count


@njit(cache=True, nogil=True)
def cite(  # noqa: ANN201, PLR0917 (numba infers; a kernel is flat)
    tables,  # noqa: ANN001 (as above)
    supporters,  # noqa: ANN001 (a tuple of int32 arrays, empty where a table has no counts)
    peaks_of_rows,  # noqa: ANN001 (a tuple of float32 arrays: the largest weight of each row)
    activity,  # noqa: ANN001 (as above)
    terms,  # noqa: ANN001 (as above)
    chosen: Ints,
    slots: NDArray[np.int16],
):
    """For each chosen product the event that adds most to its score: what it adds, and by what.

    Five arrays [chosen]: the event (-1 for none), its part of the score over all tables, the table
    that makes most of that part, the distinct shoppers behind the entry there (-1 where unknown),
    and the product of the event. `slots` is scratch, all 0. Events are read in the order of the
    most that they can add, and no more once that is less than what every product has found.
    """
    sources, types, steps = activity
    strengths = strengths_of(types, steps, terms)
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
