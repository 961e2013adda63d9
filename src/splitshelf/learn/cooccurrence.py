"""Products that the same shoppers turned to, in whatever order."""

from dataclasses import dataclass

import numpy as np
from numba import njit

from splitshelf.core.arrays import Longs
from splitshelf.learn.counting import (
    close_row,
    distinct_owners,
    finish,
    new_row,
    new_table,
    occurrences,
)
from splitshelf.learn.dataset.dataset import Turns
from splitshelf.learn.neighbours import Neighbours


@dataclass(frozen=True, slots=True)
class Sharing:
    """How common shoppers are counted: weight = sum of len^-l / (n_i^a n_j^b + shrinkage)."""

    source_exponent: float
    target_exponent: float
    shrinkage: float
    length_exponent: float
    """A shopper of many turns counts 1 / turns to this power."""
    longest: int
    """The newest turns of a shopper that count."""
    pairs: int
    """About how many pairs are counted at most: a larger log gets by with shorter histories."""
    neighbours: int
    """How many are kept in a row."""


def count_shared(sharing: Sharing, turns: Turns, n_products: int) -> Neighbours:
    """The kept rows of all products."""
    found = occurrences(turns.offsets, turns.products, n_products)
    shoppers = np.maximum(distinct_owners(found[0], found[2]), 1)
    divisors = (
        (shoppers**sharing.source_exponent).astype(np.float32),
        (shoppers**sharing.target_exponent).astype(np.float32),
        np.float32(sharing.shrinkage),
    )
    lengths = np.diff(turns.offsets)
    amounts = np.maximum(lengths, 1.0) ** -sharing.length_exponent
    longest = affordable(lengths, sharing)
    histories = (turns.offsets, turns.products, amounts.astype(np.float32))
    return Neighbours(*_count(histories, found, divisors, longest, sharing.neighbours))


def affordable(lengths: Longs, sharing: Sharing) -> int:
    """How long histories may be so that about `pairs` pairs are counted; at least 2.

    >>> sharing = Sharing(0, 0, 0, 0, longest=9, pairs=40, neighbours=1)
    >>> affordable(np.array([10]), sharing)
    4
    """
    longest = sharing.longest
    while longest > 2 and int((lengths * np.minimum(lengths, longest)).sum()) > sharing.pairs:
        longest = max(2, longest * 4 // 5) if longest > 5 else longest - 1
    return longest


@njit(cache=True, nogil=True)
def _count(histories, found, divisors, longest, limit):  # noqa: ANN001, ANN202 (numba infers)
    starts, _, owners = found
    n = len(starts) - 1
    row = new_row(n)
    table = new_table(n, limit)
    for source in range(n):
        shoppers = owners[starts[source] : starts[source + 1]]
        count = _fill_row(source, shoppers, histories, longest, row)
        close_row(source, row, count, divisors, table)
    return finish(table)


@njit(cache=True, nogil=True)
def _fill_row(source, shoppers, histories, longest, row):  # noqa: ANN001, ANN202 (numba infers)
    offsets, products, amounts = histories
    codes, values, touched = row
    count = 0
    for slot in range(len(shoppers)):
        shopper = shoppers[slot]
        if slot and shopper == shoppers[slot - 1]:
            continue
        first = max(offsets[shopper], offsets[shopper + 1] - longest)
        for turn in range(first, offsets[shopper + 1]):
            product = products[turn]
            cell = 4 * product
            if product == source or codes[cell] == shopper + 1:
                continue
            if codes[cell] == 0:
                touched[count] = product
                count += 1
            codes[cell] = shopper + 1
            codes[cell + 1] += 1
            values[cell + 2] += amounts[shopper]
    return count
