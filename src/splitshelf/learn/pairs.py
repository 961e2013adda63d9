"""Ordered pairs of what shoppers turned to, weighed by distance: rows of who follows whom."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

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
    woven, found, kernels = _prepared(pairing, turns, n_products, unit)
    names = found[2]
    popularity = np.maximum(np.bincount(turns.products, minlength=n_products), 1)
    divisors = (
        (popularity**pairing.source_exponent).astype(np.float32),
        (popularity[names] ** pairing.target_exponent).astype(np.float32),
        np.float32(pairing.shrinkage),
    )
    return Neighbours(*_count(woven, found, kernels, divisors, pairing.neighbours))


def tally_pairs(pairing: Pairing, turns: Turns, n_products: int, unit: float) -> Tally:
    """All pairs, neither divided nor cut."""
    counted = Layer(*_count_all(*_prepared(pairing, turns, n_products, unit)))
    popularity = np.bincount(turns.products, minlength=n_products).astype(np.float64)
    return Tally.of(counted, popularity)


def rows_of_pairs(pairing: Pairing, tally: Tally, scale: float) -> Neighbours:
    """The kept rows of a tally of which time has left a share of `scale`."""
    exponents = (pairing.source_exponent, pairing.target_exponent)
    return best_rows(tally, exponents, pairing.shrinkage, pairing.neighbours, scale)


def _prepared(
    pairing: Pairing, turns: Turns, n_products: int, unit: float | None
) -> tuple[Any, Any, Any]:
    """What the kernels read: woven turns, where each product is found, how pairs weigh."""
    names, ranks = crowded(np.bincount(turns.products, minlength=n_products))
    forward = np.concatenate(([1.0], pairing.kernel)).astype(np.float32)
    backward = forward * np.float32(pairing.backward)
    backward[0] = 1.0
    if not pairing.backward:
        backward = backward[:1]
    woven = weave(turns.offsets, ranks[turns.products], turns.moments, roots_of(turns, unit))
    found = (*places_of(woven, n_products), names, ranks)
    return woven, found, (forward, backward, pairing.longest)


def commonest(turns: Turns) -> float:
    """The weight that most turns have; 1 where there is no turn."""
    if not len(turns.weights):
        return 1.0
    weights, counts = np.unique(turns.weights, return_counts=True)
    return float(weights[np.argmax(counts)])


def roots_of(turns: Turns, unit: float | None = None) -> NDArray[np.float32]:
    """The square root of each turn's weight, in units of the commonest weight; float32 [turns].

    So a pair counts the geometric mean of its two, and 1 where all turns are of one kind.
    """
    weights = turns.weights / np.float32(unit or commonest(turns))
    return np.sqrt(weights if turns.fading is None else weights * turns.fading, dtype=np.float32)


@njit(cache=True, nogil=True)
def _count(woven, found, kernels, divisors, limit):  # noqa: ANN001, ANN202 (numba infers)
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
            pairs = _walk(source, slots, woven, kernels, met)
            count = _fill_row(met, pairs, row, count)
        close_row(name, row, count, (names, by_source[name], shrinkage), table)
    return finish(table)


@njit(cache=True, nogil=True)
def _count_all(woven, found, kernels):  # noqa: ANN001, ANN202 (numba infers)
    """The same walk, but each row is kept whole."""
    starts, places, names, ranks = found
    n = len(names)
    row, log = new_row(np.ones(n, dtype=np.float32)), new_log(n)
    room = 2 * AHEAD * kernels[2] + 1
    met = np.empty(room, np.int32), np.empty(room, np.float32), np.empty(room, np.int32)
    for name in range(n):
        source = ranks[name]
        count = 0
        for first in range(starts[source], starts[source + 1], AHEAD):
            slots = places[first : min(first + AHEAD, starts[source + 1])]
            pairs = _walk(source, slots, woven, kernels, met)
            count = _fill_row(met, pairs, row, count)
        log = with_room(log, log[0][name], count)
        put_down(name, row, count, (names, ranks), log)
    return closed(log)


@njit(cache=True, nogil=True)
def _walk(source, places, woven, kernels, met):  # noqa: ANN001, ANN202 (numba infers)
    """How many turns are met around these places; `met` holds product, amount and shopper + 1."""
    products, amounts, owners = met
    forward, backward, longest = kernels
    strengths = woven.view(np.float32)
    touch(woven, places)
    n = 0
    for place in places:
        instant, strength, owner = woven[place, 1], strengths[place, 2], woven[place, 3]
        at = np.int64(place)
        for _ in range(longest):
            at += 1
            distance = woven[at, 1] - instant
            if woven[at, 0] < 0 or distance >= len(forward):
                break
            products[n], owners[n] = woven[at, 0], owner
            amounts[n] = strength * strengths[at, 2] * forward[distance]
            n += woven[at, 0] != source
        at = np.int64(place)
        for _ in range(longest):
            at -= 1
            distance = instant - woven[at, 1]
            if woven[at, 0] < 0 or distance >= len(backward):
                break
            products[n], owners[n] = woven[at, 0], owner
            amounts[n] = strength * strengths[at, 2] * backward[distance]
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
def touch(woven, places):  # noqa: ANN001, ANN201 (numba infers)
    """The sum of what lies at the places and a little beside: of no use but to have it fetched."""
    total = 0
    for place in places:
        total += woven[place, 0] + woven[max(place, 5) - 5, 0]
        total += woven[min(place + 5, len(woven) - 1), 0]
    return total
