"""The inner loops of scoring by a linear model: add up the strips of the events, keep the best.

A linear model is some neighbour tables, each with a decay and a weight, and a score a product that
is the same for everybody. Scratch arrays are as long as the catalogue, belong to one thread and
are left as they were found, so that a request costs by the strips it reads and not by the
catalogue.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from splitshelf.core.arrays import Bytes, Floats, Ints
from splitshelf.learn.neighbours import FAINT
from splitshelf.serve.addresses import ask_for
from splitshelf.serve.heaps import build, floor_of, offer, sort
from splitshelf.serve.strips import Strips

UNTOUCHED = np.nan
"""What the scratch for scores holds between two requests: a sum of scores is never this."""
_BLOCKED = -np.inf
_LINE = 16
"""Numbers of four bytes in a line of the processor's cache."""
_FAR = 320
"""So many of them are asked for; more, or exactly those that are read, took longer."""
STEPS = 64
"""Steps back for which it is written down what is left of an event."""


class Sum(NamedTuple):
    """A linear model as the kernels read it."""

    strips: Strips
    acts: Floats
    """float64 [types]: what an event of each type counts."""
    terms: Floats
    """float64 [2, tables]: the decay and the weight of each."""
    fades: Floats
    """float64 [tables, STEPS]: the weight, and what so many steps leave of it."""
    statics: Floats
    """float64 [statics, products]: each score that is the same for all, times its weight."""
    crowds: Ints
    """int32 [statics, products]: distinct shoppers behind those."""
    shared: Floats
    """float64 [products]: the statics added up."""
    favourites: Ints
    """int32 [products]: by that, largest first."""


class Scratch(NamedTuple):
    """What one thread writes on; left as it was found."""

    scores: Floats
    """float64 [products], all UNTOUCHED."""
    touched: Ints
    """int32 [products + 1]."""
    sums: Floats
    """float64 [the longest strip]."""


@njit(cache=True, nogil=True)
def fade(terms: Floats, table: int, steps) -> float:  # noqa: ANN001 (a scalar)
    """The weight of a table, and what so many steps leave of it; 0 where that is faint."""
    left = terms[0, table] ** steps
    return terms[1, table] * left if left >= FAINT else 0.0


@njit(cache=True, nogil=True)
def strengths_of(model, types: Bytes, steps: Ints) -> Floats:  # noqa: ANN001 (see Sum)
    """How much each event counts in each table, float64 [m, tables]."""
    table = np.empty((len(types), model.terms.shape[1]))
    for e in range(len(types)):
        step, act = steps[e], model.acts[types[e]]
        for t in range(table.shape[1]):
            left = model.fades[t, step] if step < STEPS else fade(model.terms, t, step)
            table[e, t] = act * left
    return table


@njit(cache=True, nogil=True)
def pool_of(  # noqa: ANN201, PLR0917 (numba infers; a kernel is flat and whole)
    model,  # noqa: ANN001 (see Sum)
    activity,  # noqa: ANN001 (products int32, types int8 and steps int32 of the events)
    limits,  # noqa: ANN001 (sellable bool; factors float64, empty for none; the largest of these)
    blocked: Ints,
    pinned: Ints,
    scratch,  # noqa: ANN001 (see Scratch)
    size: int,
):
    """The best sellable products that are not blocked, at most `size`, and their scores.

    Only scores above 0; ties by index. Scores are multiplied by the factors, and products of which
    only the shared score speaks are looked at in its order, four times as many where factors could
    change it. Third comes what `scores_of` gives for those that are pinned.
    """
    scores, touched, _ = scratch
    sources, types, steps = activity
    count = add_strips(model, sources, strengths_of(model, types, steps), scratch)
    theirs = known_of(model.shared, scores, pinned)
    count = forbid(blocked, scores, touched, count)
    kept, best = np.empty(size, dtype=np.int32), np.empty(size)
    held = offer_touched(touched[:count], scores, model, limits, kept, best)
    held = offer_shared(model, limits, scores, kept, best, held)
    for i in range(count):
        scores[touched[i]] = UNTOUCHED
    if held < size:
        build(kept, best, held)
    return *sort(kept, best, held), theirs


@njit(cache=True, nogil=True)
def known_of(shared: Floats, scores: Floats, chosen: Ints) -> Floats:
    """The scores of some products as they were added up, float64 [chosen]."""
    values = shared[chosen]
    for i in range(len(chosen)):
        known = scores[chosen[i]]
        values[i] += 0.0 if np.isnan(known) else known
    return values


@njit(cache=True, nogil=True)
def add_strips(model, sources: Ints, strengths: Floats, scratch) -> int:  # noqa: ANN001 (as above)
    """How many products got a score; adds up the strips of the events."""
    scores, touched, sums = scratch
    spans = spans_of(model.strips.starts, model.strips.cells, sources)
    count = 0
    for e in range(len(sources)):
        if e + 1 < len(sources):
            bring(model.strips.cells, spans[e + 1])
        if spans[e, 0] == spans[e, 1] or merged(sources, strengths, e):
            continue
        codes, heard = heard_of(model.strips, spans[e, 0], strengths[e], sums)
        for i in range(heard):
            code = codes[i]
            known = scores[code]
            new = known != known  # noqa: PLR0124 (only what is UNTOUCHED differs from itself)
            touched[count] = code  # no branch: half of them are new, in no order
            count += new
            scores[code] = (0.0 if new else known) + sums[i]
    return count


@njit(cache=True, nogil=True)
def merged(sources: Ints, strengths: Floats, event: int) -> bool:
    """Whether a later event is about the same product; that one then counts for both."""
    for later in range(event + 1, len(sources)):
        if sources[later] == sources[event]:
            strengths[later] += strengths[event]
            return True
    return False


@njit(cache=True, nogil=True)
def spans_of(starts, cells: Ints, sources: Ints):  # noqa: ANN001, ANN201 (numba infers)
    """Where the strip of each event begins and ends, int64 [m, 2]; asks for where they begin."""
    spans = np.zeros((len(sources), 2), dtype=np.int64)
    for e in range(len(sources)):
        if sources[e] < len(starts) - 1:
            spans[e, 0], spans[e, 1] = starts[sources[e]], starts[sources[e] + 1]
            ask_for(cells, spans[e, 0])
    return spans


@njit(cache=True, nogil=True)
def bring(cells: Ints, span) -> None:  # noqa: ANN001 (a row of spans)
    """Ask for the lines that a strip lies in; the processor sees by itself where that leads."""
    for cell in range(span[0] + _LINE, min(span[0] + _FAR, span[1]), _LINE):
        ask_for(cells, cell)


@njit(cache=True, nogil=True)
def heard_of(strips, start: int, strengths: Floats, sums: Floats):  # noqa: ANN001, ANN201 (as above)
    """The neighbours in a strip, and how many of them the event is heard by; writes its `sums`."""
    tables = len(strengths)
    union, heard = reach_of(strips.cells, start, strengths)
    sums[:heard] = 0.0
    codes = start + 2 * tables
    behind = codes + union
    for t in range(tables):
        reach, strength = strips.cells[start + t], strengths[t]
        if strength != 0.0:
            for i in range(reach):
                sums[i] += strength * strips.weights[behind + i]
        behind += reach
    return strips.cells[codes : codes + heard], heard


@njit(cache=True, nogil=True)
def reach_of(cells: Ints, start: int, strengths: Floats):  # noqa: ANN201 (numba infers)
    """How many neighbours stand in a strip, and how many of them the event is heard by."""
    union, heard = 0, 0
    for t in range(len(strengths)):
        reach = cells[start + t]
        union = max(union, reach)
        if strengths[t] != 0.0:
            heard = max(heard, reach)
    return union, heard


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
    model,  # noqa: ANN001 (as above)
    limits,  # noqa: ANN001 (as above)
    kept: Ints,
    best: Floats,
) -> int:
    """How many the heap holds once it was offered what some event speaks of.

    Values are looked up first, all of them, so that the processor need not wait for one before it
    asks for the next; then the heap is offered only what will stay in it.
    """
    sellable, factors, _ = limits
    values = np.empty(len(touched))
    for i in range(len(touched)):
        code = touched[i]
        values[i] = (scores[code] + model.shared[code]) * sellable[code]
    if len(factors) > 0:
        for i in range(len(touched)):
            values[i] *= factors[touched[i]]
    for i in range(len(touched)):
        values[i] = max(0.0, values[i])  # nor is what is blocked and not for sale
    least, held = floor_of(values, len(kept)), 0
    for i in range(len(touched)):
        if values[i] >= least:
            held = offer(kept, best, held, touched[i], values[i])
    return held


@njit(cache=True, nogil=True)
def offer_shared(  # noqa: PLR0917 (a kernel is flat)
    model,  # noqa: ANN001 (as above)
    limits,  # noqa: ANN001 (as above)
    scores: Floats,
    kept: Ints,
    best: Floats,
    held: int,
) -> int:
    """How many the heap holds once it was offered what nothing but the shared score speaks of."""
    shared, favourites = model.shared, model.favourites
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
def scores_of(model, activity, chosen: Ints, scratch) -> Floats:  # noqa: ANN001 (as above)
    """The scores of some products, float64 [chosen]."""
    sources, types, steps = activity
    count = add_strips(model, sources, strengths_of(model, types, steps), scratch)
    values = known_of(model.shared, scratch.scores, chosen)
    for i in range(count):
        scratch.scores[scratch.touched[i]] = UNTOUCHED
    return values


LAST = 1023
"""The last bits of a code, by which a few products are found again: few share them."""


@njit(cache=True, nogil=True)
def finder_of(chosen: Ints):  # noqa: ANN201 (numba infers)
    """What `find` looks a few codes up in: by their last bits the last one, and the one before."""
    heads = np.zeros(LAST + 1, dtype=np.int16)
    before = np.empty(len(chosen), dtype=np.int16)
    for slot in range(len(chosen)):
        head = chosen[slot] & LAST
        before[slot] = heads[head]
        heads[head] = slot + 1
    return heads, before


@njit(cache=True, nogil=True)
def find(finder, chosen: Ints, code) -> int:  # noqa: ANN001 (see finder_of; a scalar)
    """The place of a code among the chosen ones; -1 where it is none."""
    heads, before = finder
    slot = heads[code & LAST] - 1
    while slot >= 0 and chosen[slot] != code:
        slot = before[slot] - 1
    return slot
