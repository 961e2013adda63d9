"""Kernels that put a log in order: events of one shopper together, visits numbered."""

import numpy as np
from numba import njit

from splitshelf.core.arrays import Ints, Longs

VISIT_GAP = 30 * 60 * 1_000_000
"""Microseconds without an event after which a new visit begins, where the shop names none."""


@njit(cache=True, nogil=True)
def group(keys: Ints, groups: int) -> tuple[Longs, Longs]:
    """Where each group starts, int64 [groups + 1], and the rows group by group, in their order."""
    offsets = np.zeros(groups + 1, dtype=np.int64)
    for key in keys:
        offsets[key + 1] += 1
    offsets = np.cumsum(offsets)
    order = np.empty(len(keys), dtype=np.int64)
    free = offsets[:-1].copy()
    for row in range(len(keys)):
        key = keys[row]
        order[free[key]] = row
        free[key] += 1
    return offsets, order


@njit(cache=True, nogil=True)
def number_sessions(offsets: Longs, times: Longs, named: Ints) -> Ints:
    """A number for each visit, rising with the shopper and with time.

    A visit is what the shop named so; events without a name (-1) begin a new visit after
    VISIT_GAP. Events of one named session that another visit interrupts count as two visits.
    """
    sessions = np.empty(len(times), dtype=np.int32)
    session = -1
    for shopper in range(len(offsets) - 1):
        for event in range(offsets[shopper], offsets[shopper + 1]):
            first = event == offsets[shopper]
            changed = not first and named[event] != named[event - 1]
            late = not first and named[event] < 0 and times[event] - times[event - 1] > VISIT_GAP
            if first or changed or late:
                session += 1
            sessions[event] = session
    return sessions


@njit(cache=True, nogil=True)
def merge_turns(offsets, products, acts, table):  # noqa: ANN001, ANN201 (numba infers)
    """One row for each run of events with one product: offsets, first events, weights, moments.

    `acts` are types, ratings (nan elsewhere) and times; `table` holds the weight of each type, a
    rating counts what it is above 2. The weight of a run is its largest. Events without weight are
    left out, and do not break a run. Moments number the instants of each shopper.
    """
    types, ratings, times = acts
    starts = np.zeros(len(offsets), dtype=np.int64)
    firsts = np.empty(len(products), dtype=np.int32)
    heaviest = np.empty(len(products), dtype=np.float32)
    moments = np.empty(len(products), dtype=np.int32)
    n, moment = 0, -1
    for shopper in range(len(offsets) - 1):
        for event in range(offsets[shopper], offsets[shopper + 1]):
            rating = ratings[event]
            weight = table[types[event]] if np.isnan(rating) else rating - 2.0
            if weight <= 0.0:
                continue
            fresh = n == starts[shopper]
            if not fresh and products[firsts[n - 1]] == products[event]:
                heaviest[n - 1] = max(heaviest[n - 1], weight)
                continue
            moment += fresh or times[event] != times[firsts[n - 1]]
            firsts[n], heaviest[n], moments[n] = event, weight, moment
            n += 1
        starts[shopper + 1] = n
    return starts, firsts[:n], heaviest[:n], moments[:n]
