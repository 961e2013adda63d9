"""Ordered pairs of what shoppers turned to, weighed by distance: rows of who follows whom."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from splitshelf.learn.counting import (
    AHEAD,
    close_row,
    finish,
    new_row,
    new_table,
    places_of,
    weave,
)
from splitshelf.learn.dataset.dataset import Turns
from splitshelf.learn.neighbours import Neighbours
from splitshelf.learn.tallies import Tally, best_rows, table_of


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
    popularity = np.maximum(np.bincount(turns.products, minlength=n_products), 1)
    forward = np.concatenate(([1.0], pairing.kernel)).astype(np.float32)
    backward = forward * np.float32(pairing.backward)
    backward[0] = 1.0
    if not pairing.backward:
        backward = backward[:1]
    divisors = (
        (popularity**pairing.source_exponent).astype(np.float32),
        (popularity**pairing.target_exponent).astype(np.float32),
        np.float32(pairing.shrinkage),
    )
    woven = weave(turns.offsets, turns.products, turns.moments, roots_of(turns, unit))
    starts, places = places_of(woven, n_products)
    kernels = (forward, backward, pairing.longest)
    return Neighbours(*_count(woven, starts, places, kernels, divisors, pairing.neighbours))


def tally_pairs(pairing: Pairing, turns: Turns, n_products: int, unit: float) -> Tally:
    """All pairs, neither divided nor cut."""
    everything = replace(
        pairing, source_exponent=0.0, target_exponent=0.0, shrinkage=0.0, neighbours=n_products
    )
    rows = count_pairs(everything, turns, n_products, unit)
    popularity = np.bincount(turns.products, minlength=n_products).astype(np.float64)
    return Tally(*table_of(rows, n_products), popularity)


def rows_of_pairs(pairing: Pairing, tally: Tally) -> Neighbours:
    """The kept rows of a tally."""
    exponents = (pairing.source_exponent, pairing.target_exponent)
    return best_rows(tally, exponents, pairing.shrinkage, pairing.neighbours)


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
def _count(woven, starts, places, kernels, divisors, limit):  # noqa: ANN001, ANN202, PLR0917 (numba infers; flat for speed)
    n = len(starts) - 1
    row = new_row(n)
    table = new_table(n, limit)
    for source in range(n):
        count = 0
        for first in range(starts[source], starts[source + 1], AHEAD):
            slots = places[first : min(first + AHEAD, starts[source + 1])]
            count = _fill_row(source, slots, woven, kernels, row, count)
        close_row(source, row, count, divisors, table)
    return finish(table)


@njit(cache=True, nogil=True)
def _fill_row(source, places, woven, kernels, row, count):  # noqa: ANN001, ANN202, PLR0917 (numba infers; flat for speed, see counting.py)
    codes, values, touched = row
    strengths = woven.view(np.float32)
    longest = kernels[2]
    touch(woven, places)
    for place in places:
        instant, strength, owner = woven[place, 1], strengths[place, 2], woven[place, 3]
        for step in (1, -1):
            kernel = kernels[0] if step == 1 else kernels[1]
            at = np.int64(place)
            for _ in range(longest):
                at += step
                product = woven[at, 0]
                distance = abs(woven[at, 1] - instant)
                if product < 0 or distance >= len(kernel):
                    break
                if product == source:
                    continue
                seen = codes[product, 0]
                touched[count] = product
                count += seen == 0
                codes[product, 0] = owner
                codes[product, 1] += seen != owner
                values[product, 2] += strength * strengths[at, 2] * kernel[distance]
    return count


@njit(cache=True, nogil=True)
def touch(woven, places):  # noqa: ANN001, ANN201 (numba infers)
    """The sum of what lies at the places and a little beside: of no use but to have it fetched."""
    total = 0
    for place in places:
        total += woven[place, 0] + woven[max(place, 5) - 5, 0]
        total += woven[min(place + 5, len(woven) - 1), 0]
    return total
