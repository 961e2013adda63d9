"""Products that share attributes, the rare ones weighing more."""

from dataclasses import dataclass

import numpy as np
from numba import njit

from splitshelf.core.arrays import Floats, Longs
from splitshelf.learn.counting import close_row, finish, new_row, new_table
from splitshelf.learn.dataset.features import Features
from splitshelf.learn.dataset.order import group
from splitshelf.learn.neighbours import Neighbours


@dataclass(frozen=True, slots=True)
class Overlap:
    """How common attributes are counted: weight = sum of w_a / (W_i W_j)^length_exponent."""

    length_exponent: float
    """W is the weight of all attributes of a product."""
    common: int
    """Attributes of more products than this connect nobody."""
    pairs: int
    """About how many pairs are counted at most: in a larger catalogue rarer attributes connect."""
    neighbours: int
    """How many are kept in a row."""


def weigh(features: Features) -> Floats:
    """The inverse document frequency of each attribute, float64: log(products / its products)."""
    frequency = np.bincount(features.codes, minlength=len(features.names))
    return np.log(max(len(features), 1) / np.maximum(frequency, 1))


def overlaps(
    config: Overlap, features: Features, idf: Floats, liked: Floats | None = None
) -> Neighbours:
    """The kept rows of a catalogue; `idf` is float64 [n attributes], at least 0.

    `liked` multiplies what points at each product, float64 [n products], above 0; 1 if not given.
    """
    starts, owners = group(features.codes, len(features.names))
    holders = np.repeat(np.arange(len(features), dtype=np.int32), np.diff(features.offsets))[owners]
    holders_each = np.diff(starts)
    telling = np.where(holders_each <= affordable(holders_each, config), idf, 0.0)
    sums = np.bincount(
        np.repeat(np.arange(len(features)), np.diff(features.offsets)),
        weights=telling[features.codes],
        minlength=len(features),
    )
    lengths = (np.maximum(sums, 1e-9) ** config.length_exponent).astype(np.float32)
    by_target = lengths if liked is None else (lengths / liked).astype(np.float32)
    divisors = (lengths, by_target, np.float32(0.0))
    listed = (features.offsets, features.codes)
    weights = telling.astype(np.float32)
    rows = _overlap(listed, (starts, holders), weights, divisors, config.neighbours)
    return Neighbours(*rows, np.empty(0, dtype=np.int32))


def affordable(holders: Longs, config: Overlap) -> int:
    """How many products may share an attribute so that about `pairs` pairs are counted.

    >>> affordable(np.array([3, 2, 9]), Overlap(0, common=5, pairs=12, neighbours=1))
    2
    """
    usable = np.sort(holders[holders <= config.common])
    pairs = np.cumsum(usable.astype(np.int64) ** 2)
    within = int(np.searchsorted(pairs, config.pairs, side="right"))
    return config.common if within == len(usable) else int(usable[max(within - 1, 0)])


@njit(cache=True, nogil=True)
def _overlap(listed, inverted, weights, divisors, limit):  # noqa: ANN001, ANN202 (numba infers)
    offsets, codes = listed
    by_source, by_target, shrinkage = divisors
    n = len(offsets) - 1
    row = new_row(by_target)
    table = new_table(n, limit)
    names = np.arange(n).astype(np.int32)
    for source in range(n):
        own = codes[offsets[source] : offsets[source + 1]]
        count = _fill_row(source, own, inverted, weights, row)
        close_row(source, row, count, (names, by_source[source], shrinkage), table)
    return finish(table)[:3]


@njit(cache=True, nogil=True)
def _fill_row(source, own, inverted, weights, row):  # noqa: ANN001, ANN202 (numba infers)
    starts, holders = inverted
    codes, values, touched = row
    count = 0
    for attribute in own:
        weight = weights[attribute]
        if weight <= 0.0:
            continue
        for slot in range(starts[attribute], starts[attribute + 1]):
            product = holders[slot]
            if product == source:
                continue
            if codes[product, 0] == 0:
                codes[product, 0] = 1
                touched[count] = product
                count += 1
            values[product, 2] += weight
    return count
