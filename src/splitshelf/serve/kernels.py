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
_CLASSES = 256
_BITS = 47
"""Of a float64, right of which values count as equal: 32 classes of values in each octave."""


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
    scratch,  # noqa: ANN001 (scores float64, all UNTOUCHED; a list int32; values float64)
    size: int,
):
    """The best sellable products that are not blocked, at most `size`, and their scores.

    Only scores above 0; ties by index. Scores are multiplied by the factors, and products of which
    only the shared score speaks are looked at in its order, four times as many where factors could
    change it.
    """
    scores, touched, values = scratch
    sources, types, steps = activity
    count = add_rows(tables, sources, strengths_of(types, steps, terms), scores, touched)
    count = forbid(blocked, scores, touched, count)
    worth(touched[:count], scores, common[0], limits, values)
    kept, best = np.empty(size, dtype=np.int32), np.empty(size)
    least = threshold(values[:count], size)
    held = 0
    for i in range(count):
        if values[i] >= least:
            held = offer(kept, best, held, touched[i], values[i])
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
    count = 0
    for t in range(len(offsets)):
        for e in range(len(sources)):
            strength = strengths[t, e]
            start, stop = row_of(offsets[t], sources[e], strength)
            for entry in range(start, stop):
                code = products[t][entry]
                known = scores[code]
                new = known != known  # noqa: PLR0124 (only what is UNTOUCHED differs from itself)
                touched[count] = code  # no branch: half of them are new, in no order
                count += new
                scores[code] = (0.0 if new else known) + strength * weights[t][entry]
    return count


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
def worth(touched: Ints, scores: Floats, shared: Floats, limits, values: Floats) -> None:  # noqa: ANN001 (as above)
    """Write the values that the touched products compete with; 0 for what may not be shown."""
    sellable, factors, _ = limits
    ruled = len(factors) > 0
    for i in range(len(touched)):
        code = touched[i]
        value = scores[code] + shared[code]
        if ruled:
            value *= factors[code]
        values[i] = value if sellable[code] and value > 0.0 else 0.0


@njit(cache=True, nogil=True)
def threshold(values: Floats, size: int) -> float:
    """A value above 0 that at least `size` of the values reach, and few more than that.

    Counted in classes of about equal values, downwards from the largest: whoever wants the best
    need look no further. The least value there is where fewer reach it.
    """
    least = 5e-324
    if len(values) <= 2 * size:
        return least
    classes = values.view(np.int64)
    top = classes.max() >> _BITS
    counts = np.zeros(_CLASSES, dtype=np.int64)
    for one in classes:
        below = top - (one >> _BITS)
        if below < _CLASSES:
            counts[below] += 1
    reached = 0
    for below in range(min(_CLASSES, top)):
        reached += counts[below]
        if reached >= size:
            return np.array([(top - below) << _BITS]).view(np.float64)[0]
    return least


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
