"""The votes of sequence neighbours in small hash tables: a query costs by what it touches.

No array is as long as the catalogue or the log: at ten million sequences clearing one would be all
the work.
"""

import numpy as np
from numba import njit

from splitshelf.learn.selection import kth_largest

_SPREAD = 0x9E3779B1
"""Knuth's multiplicative hashing (TAOCP 3, 6.4): neighbouring numbers land far apart."""

_SHORT = 64
"""Powers of lengths below it are kept for the length of a query."""


@njit(cache=True, nogil=True)
def touched(sequences, query, strengths, limits, shape):  # noqa: ANN001, ANN201 (numba infers)
    """The products that some neighbour holds, in no order, and their scores.

    `sequences` are the offsets, products, starts and owners of `Sequences`; the query is newest
    first, with the strength of each event; `limits` are newest and nearest, `shape` shortness,
    reach, backward and ageing of `Walk`. Of the query's own products those that nobody holds are
    here too, with score 0.
    """
    offsets, products, starts, _ = sequences
    near, shares = _near(sequences, query, strengths, limits[0])
    weights = _weights(near, shares, offsets, limits[1], shape)
    if len(near) > limits[1]:
        voting = weights >= kth_largest(weights, limits[1])
        near, weights = near[voting], weights[voting]
    sizes = offsets[near + 1] - offsets[near]
    room = min(len(query) + sizes.sum(), len(starts) - 1)
    table = np.full(_slots(room), -1, dtype=np.int32)
    found = np.empty(room, dtype=np.int32)
    places = np.zeros(room, dtype=np.int32)
    scores = np.zeros(room)
    count = 0
    for event in range(len(query) - 1, -1, -1):
        if strengths[event] > 0.0:
            entry, count = _entry(table, found, count, query[event])
            places[entry] = event + 1
    entries = np.empty(sizes.max() if len(near) else 0, dtype=np.int32)
    for row in range(len(near)):
        newest, meeting, first = 1 << 30, 0, offsets[near[row]]
        for at in range(sizes[row]):
            entries[at], count = _entry(table, found, count, products[first + at])
            place = places[entries[at]]
            if 0 < place <= newest:
                newest, meeting = place, at
        _add(entries[: sizes[row]], meeting, weights[row], shape[1], shape[2], scores)
    return found[:count], scores[:count]


@njit(cache=True, nogil=True)
def _weights(near, shares, offsets, nearest, shape):  # noqa: ANN001, ANN202 (numba infers)
    """What each neighbour counts, by what it shares, its length and its age.

    Length and age only lessen a share: by at least two clicks, the fewest there are. Whoever is
    below the nearest of those that share most, however short and new, is not looked up: 0.
    """
    weights = np.zeros(len(near))
    if len(near) <= nearest:
        _weigh(near, shares, (0.0, np.inf), offsets, shape, weights)
        return weights
    most = kth_largest(shares, nearest)
    _weigh(near, shares, (most, np.inf), offsets, shape, weights)
    floor = kth_largest(weights, nearest) * (1.0 - 1e-12)
    _weigh(near, shares, (floor / 2.0 ** -shape[0], most), offsets, shape, weights)
    return weights


@njit(cache=True, nogil=True)
def _weigh(near, shares, between, offsets, shape, weights):  # noqa: ANN001, ANN202, PLR0917 (numba infers; flat for speed)
    """Write the weights of the neighbours whose share is at least the one and below the other."""
    total = len(offsets) - 1
    rows = np.empty(len(near), dtype=np.int32)
    sizes = np.empty(len(near), dtype=np.int32)
    count = 0
    for row in range(len(near)):
        if between[0] <= shares[row] < between[1]:
            rows[count] = row
            count += 1
    for at in range(count):  # by itself, so that the waits for memory overlap
        first = near[rows[at]]
        sizes[at] = offsets[first + 1] - offsets[first]
    powers = np.zeros(_SHORT)
    for at in range(count):
        size, row = sizes[at], rows[at]
        kept = size if size < _SHORT else 0
        if kept == 0 or powers[kept] == 0.0:
            powers[kept] = size ** -shape[0]
        weight = powers[kept]
        if shape[3] != 0.0:
            weight *= np.exp(-shape[3] * (1.0 - (near[row] + 1.0) / total))
        weights[row] = shares[row] * weight


@njit(cache=True, nogil=True)
def foremost(products, scores, n):  # noqa: ANN001, ANN201 (numba infers)
    """The products whose positive score is among the n best or equals the last of them, and it."""
    floor = kth_largest(scores, n) if 0 < n < len(scores) else 0.0
    kept = np.empty(len(scores), dtype=np.int32)
    count = 0
    for at in range(len(scores)):
        if scores[at] >= floor and scores[at] > 0.0:
            kept[count] = at
            count += 1
    return products[kept[:count]], scores[kept[:count]]


@njit(cache=True, nogil=True)
def _near(sequences, query, strengths, newest):  # noqa: ANN001, ANN202 (numba infers)
    """Sequences that share a product with the query, and the strength that they share."""
    _, _, starts, owners = sequences
    room = 0
    for event in range(len(query)):
        room += min(newest, starts[query[event] + 1] - starts[query[event]])
    table = np.full(_slots(room), -1, dtype=np.int32)
    near = np.empty(room, dtype=np.int32)
    overlap = np.zeros(room)
    count = 0
    for event in range(len(query)):
        if strengths[event] <= 0.0 or _met_before(query, event, strengths):
            continue
        stop = starts[query[event] + 1]
        for slot in range(max(starts[query[event]], stop - newest), stop):
            entry, count = _entry(table, near, count, owners[slot])
            overlap[entry] += strengths[event]
    return near[:count], overlap[:count]


@njit(cache=True, nogil=True)
def _met_before(query, event, strengths):  # noqa: ANN001, ANN202 (numba infers)
    """Whether the query, newest first, holds the product already: its newest event counts."""
    met = False
    for newer in range(event):
        met |= query[newer] == query[event] and strengths[newer] > 0.0
    return met


@njit(cache=True, nogil=True)
def _slots(entries):  # noqa: ANN001, ANN202 (numba infers)
    """A power of two, at least twice the entries."""
    size = 2
    while size < 2 * entries:
        size *= 2
    return size


@njit(cache=True, nogil=True)
def _entry(table, known, count, wanted):  # noqa: ANN001, ANN202 (numba infers)
    """Where a number stands among the known ones, which grow by it where it is new, and how many
    they are.
    """  # noqa: D205 (one sentence)
    mask = len(table) - 1
    mixed = (np.int64(wanted) * _SPREAD) & 0xFFFFFFFF
    slot = (mixed ^ (mixed >> 15)) & mask
    while table[slot] >= 0:
        if known[table[slot]] == wanted:
            return table[slot], count
        slot = (slot + 1) & mask
    table[slot] = count
    known[count] = wanted
    return np.int32(count), count + 1


@njit(cache=True, nogil=True)
def _add(entries, meeting, weight, reach, backward, scores):  # noqa: ANN001, ANN202, PLR0917 (numba infers; flat for speed)
    """Add the products of one sequence by their distance from the newest common product."""
    for at in range(len(entries)):
        distance = at - meeting
        if distance > 0:
            scores[entries[at]] += weight * np.exp(-distance / reach)
        elif distance < 0:
            scores[entries[at]] += weight * backward * np.exp(distance / reach)
