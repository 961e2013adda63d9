"""Ordered pairs of what shoppers turned to, weighed by distance: rows of who follows whom."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from splitshelf.learn.counting import close_row, finish, new_row, new_table, occurrences, pad
from splitshelf.learn.dataset.dataset import Turns
from splitshelf.learn.neighbours import Neighbours


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


def count_pairs(pairing: Pairing, turns: Turns, n_products: int) -> Neighbours:
    """The kept rows of all products."""
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
    return Neighbours(
        *_count(
            pad(turns.offsets, turns.products, turns.moments, roots_of(turns)),
            occurrences(turns.offsets, turns.products, n_products),
            (forward, backward),
            pairing.longest,
            divisors,
            pairing.neighbours,
        )
    )


def roots_of(turns: Turns) -> NDArray[np.float32]:
    """The square root of each turn's weight, in units of the commonest weight; float32 [turns].

    So a pair counts the geometric mean of its two, and 1 where all turns are of one kind.
    """
    if not len(turns.weights):
        return turns.weights
    weights, counts = np.unique(turns.weights, return_counts=True)
    return np.sqrt(turns.weights / weights[np.argmax(counts)], dtype=np.float32)


@njit(cache=True, nogil=True)
def _count(padded, found, kernels, longest, divisors, limit):  # noqa: ANN001, ANN202, PLR0917 (numba infers; flat for speed)
    starts, turns, owners = found
    n = len(starts) - 1
    row = new_row(n)
    table = new_table(n, limit)
    for source in range(n):
        slots = slice(starts[source], starts[source + 1])
        count = _fill_row(source, turns[slots], owners[slots], padded, kernels, longest, row)
        close_row(source, row, count, divisors, table)
    return finish(table)


@njit(cache=True, nogil=True)
def _fill_row(source, turns, owners, padded, kernels, longest, row):  # noqa: ANN001, ANN202, PLR0917 (numba infers; flat for speed, see counting.py)
    sequence, instants, strengths = padded
    codes, values, touched = row
    count = 0
    for slot in range(len(turns)):
        owner = owners[slot] + 1
        place = turns[slot] + owner
        instant, strength = instants[place], strengths[place]
        for step in (1, -1):
            kernel = kernels[0] if step == 1 else kernels[1]
            for at in range(place + step, place + (longest + 1) * step, step):
                product = sequence[at]
                distance = abs(instants[at] - instant)
                if product < 0 or distance >= len(kernel):
                    break
                if product == source:
                    continue
                cell = 4 * product
                if codes[cell] == 0:
                    touched[count] = product
                    count += 1
                if codes[cell] != owner:
                    codes[cell] = owner
                    codes[cell + 1] += 1
                values[cell + 2] += strength * strengths[at] * kernel[distance]
    return count
