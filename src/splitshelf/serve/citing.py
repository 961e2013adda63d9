"""The inner loops of reasons: which event adds most to a score, and by which table."""

import numpy as np
from numba import njit

from splitshelf.core.arrays import Floats, Ints
from splitshelf.serve.addresses import ask_for
from splitshelf.serve.kernels import LAST, find, finder_of, reach_of, spans_of, strengths_of


@njit(cache=True, nogil=True)
def cite(model, activity, chosen: Ints):  # noqa: ANN001, ANN201 (see kernels.pool_of; numba infers)
    """For each chosen product what adds most to its score: an event, or what is the same for all.

    Four arrays [chosen]: the event (-1 for none), its part of the score over all tables, the table
    that makes most of that part, and the distinct shoppers behind the entry there (-1 where
    unknown). Where a static score is more than that, the event is -1 and the table is its place
    among the statics; a value of 0 says that nothing adds to the score. Events are read in the
    order of the most that they can add, and no more once that is less than what every product has
    found, or than a static score of it.
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
    finder, among = finder_of(chosen), np.empty(longest_of(spans) + 1, dtype=np.int32)
    bounds = bounds_of(model.strips.weights, spans, strengths)
    floors = np.zeros(count)
    for s in range(len(model.statics)):
        for slot in range(count):
            floors[slot] = max(floors[slot], model.statics[s, chosen[slot]])
    for e in np.argsort(-bounds):
        if bounds[e] < np.maximum(floors, found[1]).min():
            break
        if spans[e, 0] < spans[e, 1]:
            scan(model.strips, (e, spans[e, 0]), strengths[e], (chosen, finder, among), found)
    for slot in range(count):
        if found[3][slot] >= 0:
            found[3][slot] = model.strips.cells[found[3][slot]]
    cite_static(model, chosen, found)
    return found


@njit(cache=True, nogil=True)
def longest_of(spans) -> int:  # noqa: ANN001 (as above)
    """The cells of the longest strip of the events."""
    longest = 0
    for e in range(len(spans)):
        longest = max(longest, spans[e, 1] - spans[e, 0])
    return longest


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
    """Put one event in the place of those that add less to a chosen product.

    Of the shoppers it writes the cell, which is read once all events are compared: it is far away.
    """
    e, start = event
    codes, finder, among = chosen
    events, values, mains, crowds = found
    union, heard = reach_of(strips.cells, start, strengths)
    first, hits = start + 2 * len(strengths), 0
    for i in range(heard):  # no branch: few are chosen, in no order
        among[hits] = i
        hits += finder[0][strips.cells[first + i] & LAST] > 0
    for i in among[:hits]:
        slot = find(finder, codes, strips.cells[first + i])
        if slot < 0:
            continue
        value, main = part_of(strips, start, union, i, strengths)
        if beats(value, e, values[slot], events[slot]):
            events[slot], values[slot], mains[slot] = e, value, main
            crowds[slot] = crowd_of(strips, start, union, i, main)


@njit(cache=True, nogil=True)
def part_of(strips, start: int, union: int, place: int, strengths: Floats):  # noqa: ANN001, ANN201 (as above)
    """What an event adds to the neighbour at a place, and the table of most of it."""
    tables = len(strengths)
    total, most, main = 0.0, 0.0, 0
    behind = start + 2 * tables + union
    for t in range(tables):
        reach = strips.cells[start + t]
        if place < reach and strengths[t] != 0.0:
            value = strengths[t] * strips.weights[behind + place]
            total += value
            if abs(value) > most:
                most, main = abs(value), t
        behind += reach
    return total, main


@njit(cache=True, nogil=True)
def crowd_of(strips, start: int, union: int, place: int, main: int) -> int:  # noqa: ANN001 (as above)
    """The cell of the shoppers behind the neighbour at a place, -1 where nobody counted them."""
    tables = len(strips.counted)
    if not strips.counted[main]:
        return -1
    cell = start + 2 * tables + union + place
    for t in range(tables):
        cell += strips.cells[start + t]
        if t < main and strips.counted[t]:
            cell += strips.cells[start + t]
    ask_for(strips.cells, cell)
    return cell


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
