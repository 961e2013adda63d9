"""The inner loops of scoring by a linear model: add up the rows of the events, keep the best.

A linear model is some neighbour tables, each with a decay and a weight, and a score a product that
is the same for everybody. Scratch arrays are as long as the catalogue, belong to one thread and
are left as they were found, so that a request costs by the rows it reads and not by the catalogue.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from splitshelf.core.arrays import Bytes, Floats, Ints
from splitshelf.learn.neighbours import FAINT
from splitshelf.serve.heaps import build, offer, sort

UNTOUCHED = np.nan
"""What the scratch for scores holds between two requests: a sum of scores is never this."""
_BLOCKED = -np.inf
_LINE = 16
"""Numbers of four bytes in a line of the processor's cache."""


class Sum(NamedTuple):
    """A linear model as the kernels read it."""

    tables: tuple[tuple[NDArray[Any], ...], ...]
    """Offsets, products and weights: one tuple each, with an array a table."""
    supporters: tuple[Ints, ...]
    """Distinct shoppers behind each entry of a table; empty where nobody counted."""
    peaks: tuple[NDArray[np.float32], ...]
    """The largest weight of each row of a table."""
    statics: tuple[tuple[Floats, ...], tuple[Ints, ...], Floats]
    """What is the same for all: scores and supporters, an array a term; the weight of each."""
    terms: tuple[Floats, Floats, Floats]
    """What an event of each type counts; the decay and the weight of each table."""
    common: tuple[Floats, Ints]
    """The statics added up, and the products by that, largest first."""


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
def pool_of(  # noqa: ANN201, PLR0913, PLR0917 (numba infers; a kernel is flat and whole)
    tables,  # noqa: ANN001 (offsets, products, weights: one tuple of arrays each)
    activity,  # noqa: ANN001 (products int32, types int8 and steps int32 of the events)
    terms,  # noqa: ANN001 (see strengths_of)
    common,  # noqa: ANN001 (float64: the score that all share; int32: the products by it)
    limits,  # noqa: ANN001 (sellable bool; factors float64, empty for none; the largest of these)
    blocked: Ints,
    scratch,  # noqa: ANN001 (scores float64, all UNTOUCHED, and room for a list int32)
    size: int,
):
    """The best sellable products that are not blocked, at most `size`, and their scores.

    Only scores above 0; ties by index. Scores are multiplied by the factors, and products of which
    only the shared score speaks are looked at in its order, four times as many where factors could
    change it.
    """
    scores, touched = scratch
    sources, types, steps = activity
    count = add_rows(tables, sources, strengths_of(types, steps, terms), scores, touched)
    count = forbid(blocked, scores, touched, count)
    kept, best = np.empty(size, dtype=np.int32), np.empty(size)
    held = offer_touched(touched[:count], scores, common, limits, kept, best)
    held = offer_shared(common, limits, scores, kept, best, held)
    for i in range(count):
        scores[touched[i]] = UNTOUCHED
    if held < size:
        build(kept, best, held)
    return sort(kept, best, held)


@njit(cache=True, nogil=True)
def add_rows(
    tables,  # noqa: ANN001 (as above)
    sources: Ints,
    strengths: Floats,
    scores: Floats,
    touched: Ints,
) -> int:
    """How many products got a score; adds to `scores` the rows of the events."""
    offsets, products, weights = tables
    rows = rows_of(tables, sources, strengths)
    count = 0
    for t in range(len(offsets)):
        for e in range(len(sources)):
            strength = strengths[t, e]
            for entry in range(rows[t, e, 0], rows[t, e, 1]):
                code = products[t][entry]
                known = scores[code]
                new = known != known  # noqa: PLR0124 (only what is UNTOUCHED differs from itself)
                touched[count] = code  # no branch: half of them are new, in no order
                count += new
                scores[code] = (0.0 if new else known) + strength * weights[t][entry]
    return count


@njit(cache=True, nogil=True)
def rows_of(tables, sources: Ints, strengths: Floats) -> NDArray[np.int64]:  # noqa: ANN001 (as above)
    """Where the row of each event starts and stops in each table, int64 [tables, m, 3].

    Every line of memory that they lie in is asked for at once, without waiting for the one before:
    most are far away. The third number only keeps the compiler from leaving that out.
    """
    offsets, products, weights = tables
    rows = np.empty((len(offsets), len(sources), 3), dtype=np.int64)
    for t in range(len(offsets)):
        for e in range(len(sources)):
            rows[t, e, 0], rows[t, e, 1] = row_of(offsets[t], sources[e], strengths[t, e])
    for t in range(len(offsets)):
        for e in range(len(sources)):
            asked = 0
            for entry in range(rows[t, e, 0], rows[t, e, 1], _LINE):
                asked += products[t][entry] + (weights[t][entry] > 0.0)
            rows[t, e, 2] = asked
    return rows


@njit(cache=True, nogil=True)
def row_of(offsets, source, strength):  # noqa: ANN001, ANN201 (numba infers)
    """Where the row of a product starts and stops; nowhere where it has none or counts nothing."""
    if strength == 0.0 or source >= len(offsets) - 1:
        return 0, 0
    return offsets[source], offsets[source + 1]


@njit(cache=True, nogil=True)
def forbid(blocked: Ints, scores: Floats, touched: Ints, count: int) -> int:
    """How many products are touched once the blocked ones are, whose scores sink below all."""
    for code in blocked:
        if np.isnan(scores[code]):
            touched[count] = code
            count += 1
        scores[code] = _BLOCKED
    return count


@njit(cache=True, nogil=True)
def offer_touched(  # noqa: PLR0917 (a kernel is flat)
    touched: Ints,
    scores: Floats,
    common,  # noqa: ANN001 (as above)
    limits,  # noqa: ANN001 (as above)
    kept: Ints,
    best: Floats,
) -> int:
    """How many the heap holds once it was offered what some event speaks of.

    The newest event comes first, for it says most. Once the heap is full, nothing more is looked up
    of a product that could not enter it by the largest shared score and the largest factor.
    """
    shared, favourites = common
    sellable, factors, most = limits
    ruled = len(factors) > 0
    top = max(shared[favourites[0]], 0.0) if len(favourites) else 0.0
    held = 0
    for i in range(len(touched) - 1, -1, -1):
        code = touched[i]
        if held == len(kept) and (scores[code] + top) * most < best[0]:
            continue
        value = scores[code] + shared[code]
        if ruled:
            value *= factors[code]
        if sellable[code]:
            held = offer(kept, best, held, code, value)
    return held


@njit(cache=True, nogil=True)
def offer_shared(  # noqa: PLR0917 (a kernel is flat)
    common,  # noqa: ANN001 (as above)
    limits,  # noqa: ANN001 (as above)
    scores: Floats,
    kept: Ints,
    best: Floats,
    held: int,
) -> int:
    """How many the heap holds once it was offered what nothing but the shared score speaks of."""
    shared, favourites = common
    sellable, factors, most = limits
    size = len(kept)
    missing = size if len(factors) == 0 else 4 * size
    for code in favourites:
        if missing == 0 or shared[code] <= 0.0:
            break
        if held == size and shared[code] * most < best[0]:
            break
        if np.isnan(scores[code]) and sellable[code]:
            value = shared[code] * factors[code] if len(factors) else shared[code]
            held = offer(kept, best, held, code, value)
            missing -= 1
    return held


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
