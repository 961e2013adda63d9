"""The inner loops of reasons: which event adds most to a score, and by which table."""

import numpy as np
from numba import njit

from splitshelf.core.arrays import Floats, Ints
from splitshelf.serve.kernels import find, finder_of, reach_of, spans_of, strengths_of


@njit(cache=True, nogil=True)
def cite(model, activity, chosen: Ints):  # noqa: ANN001, ANN201 (see kernels.pool_of; numba infers)
    """For each chosen product what adds most to its score: an event, or what is the same for all.

    Four arrays [chosen]: the event (-1 for none), its part of the score over all tables, the table
    that makes most of that part, and the distinct shoppers behind the entry there (-1 where
    unknown). Where a static score is more than that, the event is -1 and the table is its place
    among the statics; a value of 0 says that nothing adds to the score. Events are read in the
    order of the most that they can add, and no more once that is less than what every product has
    found.
    """
    sources, types, steps = activity
    strengths = strengths_of(model, types, steps)
    spans = spans_of(model.strips.starts, model.strips.cells, sources)
    count = len(chosen)
    found = (
        np.full(count, -1, dtype=np.int64),
        np.zeros(count),
        np.zeros(count, dtype=np.int64),
        np.full(count, -1, dtype=np.int64),
    )
    finder = finder_of(chosen)
    bounds = bounds_of(model.strips.weights, spans, strengths)
    for e in np.argsort(-bounds):
        if bounds[e] < found[1].min():
            break
        if spans[e, 0] < spans[e, 1]:
            scan(model.strips, (e, spans[e, 0]), strengths[e], (chosen, finder), found)
    cite_static(model, chosen, found)
    return found


@njit(cache=True, nogil=True)
def cite_static(model, chosen: Ints, found) -> None:  # noqa: ANN001 (as above; four arrays)
    """Put what is the same for everybody in the place of events that add less."""
    events, values, mains, crowds = found
    for s in range(len(model.statics)):
        for slot in range(len(chosen)):
            value = model.statics[s, chosen[slot]]
            if value > values[slot]:
                events[slot], values[slot], mains[slot] = -1, value, s
                crowds[slot] = model.crowds[s, chosen[slot]]


@njit(cache=True, nogil=True)
def scan(strips, event, strengths: Floats, chosen, found) -> None:  # noqa: ANN001 (as above)
    """Put one event in the place of those that add less to a chosen product."""
    e, start = event
    codes, finder = chosen
    events, values, mains, crowds = found
    tables = len(strengths)
    union, heard = reach_of(strips.cells, start, strengths)
    first = start + 2 * tables
    for i in range(heard):
        slot = find(finder, codes, strips.cells[first + i])
        if slot < 0:
            continue
        value, main, crowd = part_of(strips, start, union, i, strengths)
        if beats(value, e, values[slot], events[slot]):
            events[slot], values[slot], mains[slot], crowds[slot] = e, value, main, crowd


@njit(cache=True, nogil=True)
def part_of(strips, start: int, union: int, place: int, strengths: Floats):  # noqa: ANN001, ANN201 (as above)
    """What an event adds to the neighbour at a place, the table of most of it, and its shoppers."""
    tables = len(strengths)
    total, most, main = 0.0, 0.0, 0
    behind = start + 2 * tables + union
    for t in range(tables):
        reach = strips.cells[start + t]
        if place < reach:
            value = strengths[t] * strips.weights[behind + place]
            total += value
            if abs(value) > most:
                most, main = abs(value), t
        behind += reach
    if not strips.counted[main]:
        return total, main, -1
    for t in range(main):
        if strips.counted[t]:
            behind += strips.cells[start + t]
    return total, main, strips.cells[behind + place]


@njit(cache=True, nogil=True)
def beats(value: float, event: int, best: float, holder: int) -> bool:
    """Whether an event adds more than the best so far; of equals the older one holds."""
    return value > best or (value == best and 0 <= event < holder)


@njit(cache=True, nogil=True)
def bounds_of(weights, spans, strengths: Floats) -> Floats:  # noqa: ANN001 (as above)
    """The most that each event can add to any score: its strength times the peaks of its strip."""
    count, tables = strengths.shape
    bounds = np.zeros(count)
    for e in range(count):
        if spans[e, 0] < spans[e, 1]:
            for t in range(tables):
                if strengths[e, t] > 0.0:
                    peak = weights[spans[e, 0] + tables + t]
                    bounds[e] += strengths[e, t] * max(peak, 0.0)
    return bounds


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
