"""Ordered pairs of what shoppers turned to, weighed by distance: rows of who follows whom."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from splitshelf.core.arrays import Longs
from splitshelf.learn.counting import (
    AHEAD,
    close_row,
    crowded,
    finish,
    new_row,
    new_table,
    places_of,
    weave,
)
from splitshelf.learn.dataset.dataset import Turns
from splitshelf.learn.layers import Layer, closed, new_log, put_down, with_room
from splitshelf.learn.neighbours import Neighbours
from splitshelf.learn.tallies import Tally, best_rows

FAR = 8
"""Turns before and behind a place that are touched at most: a line of cache each."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """How pairs are counted: weight = sum of kernel[distance] / (n_s^a n_t^b + shrinkage)."""

    kernel: NDArray[Any]
    """float [reach]: what a pair counts that is 1, 2, ... instants apart."""
    backward: float
    """What a pair counts for the way back; within one instant both ways count 1."""
    longest: int
    """Turns apart at most."""
    source_exponent: float
    target_exponent: float
    shrinkage: float
    neighbours: int
    """How many are kept in a row."""


def count_pairs(
    pairing: Pairing, turns: Turns, n_products: int, unit: float | None = None
) -> Neighbours:
    """The kept rows of all products; turns weigh in units of `unit`, their commonest weight."""
    log, found, kernels, counts = _prepared(pairing, turns, n_products, unit)
    names, popularity = found[2], np.maximum(counts, 1)
    divisors = (
        (popularity**pairing.source_exponent).astype(np.float32),
        (popularity[names] ** pairing.target_exponent).astype(np.float32),
        np.float32(pairing.shrinkage),
    )
    return Neighbours(*_count(log, found, kernels, divisors, pairing.neighbours))


def tally_pairs(pairing: Pairing, turns: Turns, n_products: int, unit: float) -> Tally:
    """All pairs, neither divided nor cut."""
    log, found, kernels, counts = _prepared(pairing, turns, n_products, unit)
    counted = Layer(*_count_all(log, found, kernels))
    return Tally.of(counted, counts.astype(np.float64))


def rows_of_pairs(pairing: Pairing, tally: Tally, scale: float) -> Neighbours:
    """The kept rows of a tally of which time has left a share of `scale`."""
    exponents = (pairing.source_exponent, pairing.target_exponent)
    return best_rows(tally, exponents, pairing.shrinkage, pairing.neighbours, scale)


def _prepared(
    pairing: Pairing, turns: Turns, n_products: int, unit: float | None
) -> tuple[Any, Any, Any, Longs]:
    """What the kernels read, and how many turns each product has.

    That is the woven turns and their strengths, where each product is found, and how pairs weigh.
    """
    counts = np.bincount(turns.products, minlength=n_products)
    names, ranks = crowded(counts)
    forward = np.concatenate(([1.0], pairing.kernel)).astype(np.float32)
    backward = forward * np.float32(pairing.backward)
    backward[0] = 1.0
    if not pairing.backward:
        backward = backward[:1]
    woven = weave(turns.offsets, turns.products, turns.moments, ranks)
    found = (*places_of(woven, counts[names]), names, ranks)
    log = woven, roots_of(turns, unit)
    return log, found, (forward, backward, pairing.longest), counts


def commonest(turns: Turns) -> float:
    """The weight that most turns have; 1 where there is no turn."""
    if not len(turns.weights):
        return 1.0
    weights, counts = np.unique(turns.weights, return_counts=True)
    return float(weights[np.argmax(counts)])


def roots_of(turns: Turns, unit: float | None = None) -> NDArray[np.float32]:
    """The square root of each turn's weight, in units of the commonest weight; float32 [turns].

    So a pair counts the geometric mean of its two. Empty where every turn would count 1.
    """
    weights = turns.weights
    alike = len(weights) > 0 and weights.min() == weights.max()
    if alike and turns.fading is None and weights[0] == np.float32(unit or weights[0]):
        return np.empty(0, dtype=np.float32)
    weights = weights / np.float32(unit or commonest(turns))
    return np.sqrt(weights if turns.fading is None else weights * turns.fading, dtype=np.float32)


@njit(cache=True, nogil=True)
def _count(log, found, kernels, divisors, limit):  # noqa: ANN001, ANN202 (numba infers)
    starts, places, names, ranks = found
    by_source, by_target, shrinkage = divisors
    n = len(names)
    row = new_row(by_target)
    table = new_table(n, limit)
    room = 2 * AHEAD * kernels[2] + 1
    met = np.empty(room, np.int32), np.empty(room, np.float32), np.empty(room, np.int32)
    for name in range(n):
        source = ranks[name]
        count = 0
        for first in range(starts[source], starts[source + 1], AHEAD):
            slots = places[first : min(first + AHEAD, starts[source + 1])]
            pairs = _walk(source, slots, log, kernels, met)
            count = _fill_row(met, pairs, row, count)
        close_row(name, row, count, (names, by_source[name], shrinkage), table)
    return finish(table)


@njit(cache=True, nogil=True)
def _count_all(log, found, kernels):  # noqa: ANN001, ANN202 (numba infers)
    """The same walk, but each row is kept whole."""
    starts, places, names, ranks = found
    n = len(names)
    row, table = new_row(np.ones(n, dtype=np.float32)), new_log(n)
    room = 2 * AHEAD * kernels[2] + 1
    met = np.empty(room, np.int32), np.empty(room, np.float32), np.empty(room, np.int32)
    for name in range(n):
        source = ranks[name]
        count = 0
        for first in range(starts[source], starts[source + 1], AHEAD):
            slots = places[first : min(first + AHEAD, starts[source + 1])]
            pairs = _walk(source, slots, log, kernels, met)
            count = _fill_row(met, pairs, row, count)
        table = with_room(table, table[0][name], count)
        put_down(name, row, count, (names, ranks), table)
    return closed(table)


@njit(cache=True, nogil=True)
def _walk(source, slots, log, kernels, met):  # noqa: ANN001, ANN202 (numba infers)
    """How many turns are met around these places; `met` holds product, amount and shopper + 1."""
    products, amounts, owners = met
    forward, backward, longest = kernels
    woven, strengths = log
    weighed = len(strengths) > 0
    touch(woven, slots, min(len(forward) - 1, FAR))
    n = 0
    for slot in range(len(slots)):
        place, owner = np.int64(slots[slot, 0]), slots[slot, 1]
        instant = woven[place, 1]
        at = place
        for _ in range(longest):
            at += 1
            distance = woven[at, 1] - instant
            if woven[at, 0] < 0 or distance >= len(forward):
                break
            products[n], owners[n], amounts[n] = woven[at, 0], owner, forward[distance]
            if weighed:
                amounts[n] *= strengths[place - owner] * strengths[at - owner]
            n += woven[at, 0] != source
        at = place
        for _ in range(longest):
            at -= 1
            distance = instant - woven[at, 1]
            if woven[at, 0] < 0 or distance >= len(backward):
                break
            products[n], owners[n], amounts[n] = woven[at, 0], owner, backward[distance]
            if weighed:
                amounts[n] *= strengths[place - owner] * strengths[at - owner]
            n += woven[at, 0] != source
    return n


@njit(cache=True, nogil=True)
def _fill_row(met, pairs, row, count):  # noqa: ANN001, ANN202 (numba infers)
    """Add what was met to the row: without a branch, so that waits for memory overlap."""
    products, amounts, owners = met
    codes, values, touched = row
    for at in range(pairs):
        product, owner = products[at], owners[at]
        seen = codes[product, 0]
        touched[count] = product
        count += seen == 0
        codes[product, 0] = owner
        codes[product, 1] += seen != owner
        values[product, 2] += amounts[at]
    return count


@njit(cache=True, nogil=True)
def touch(woven, slots, far):  # noqa: ANN001, ANN201 (numba infers)
    """The sum of what lies `far` before and behind the places: of no use but to have it fetched."""
    total = 0
    for slot in range(len(slots)):
        place = slots[slot, 0]
        total += woven[max(place - far, 0), 0] + woven[min(place + far, len(woven) - 1), 0]
    return total
