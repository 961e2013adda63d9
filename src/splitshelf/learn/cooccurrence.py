"""Products that the same shoppers turned to, in whatever order."""

from dataclasses import dataclass, replace

import numpy as np
from numba import njit

from splitshelf.core.arrays import Longs
from splitshelf.learn.counting import (
    AHEAD,
    close_row,
    crowded,
    distinct_shoppers,
    finish,
    holders,
    new_row,
    new_table,
)
from splitshelf.learn.dataset.dataset import Turns
from splitshelf.learn.neighbours import Neighbours
from splitshelf.learn.tallies import Tally, table_of


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
    holding = distinct_shoppers(turns.offsets, turns.products, n_products)
    names, ranks = crowded(holding)
    products = ranks[turns.products]
    shoppers = np.maximum(holding, 1)
    divisors = (
        (shoppers**sharing.source_exponent).astype(np.float32),
        (shoppers[names] ** sharing.target_exponent).astype(np.float32),
        np.float32(sharing.shrinkage),
    )
    lengths = np.diff(turns.offsets)
    amounts = np.maximum(lengths, 1.0) ** -sharing.length_exponent
    longest = affordable(lengths, sharing)
    histories = (turns.offsets, products, amounts.astype(np.float32))
    found = (*holders(turns.offsets, products, holding[names]), names, ranks)
    return Neighbours(*_count(histories, found, divisors, longest, sharing.neighbours))


def tally_shared(sharing: Sharing, turns: Turns, n_products: int, longest: int) -> Tally:
    """All pairs, neither divided nor cut; histories are `longest` at most."""
    everything = replace(
        sharing,
        source_exponent=0.0,
        target_exponent=0.0,
        shrinkage=0.0,
        longest=longest,
        pairs=2**62,
        neighbours=n_products,
    )
    rows = count_shared(everything, turns, n_products)
    shoppers = distinct_shoppers(turns.offsets, turns.products, n_products)
    return Tally(*table_of(rows, n_products), shoppers.astype(np.float64))


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
    starts, shoppers, names, ranks = found
    by_source, by_target, shrinkage = divisors
    n = len(names)
    row = new_row(by_target)
    table = new_table(n, limit)
    for name in range(n):
        source = ranks[name]
        count = 0
        for first in range(starts[source], starts[source + 1], AHEAD):
            some = shoppers[first : min(first + AHEAD, starts[source + 1])]
            count = _fill_row(source, some, histories, longest, row, count)
        close_row(name, row, count, (names, by_source[name], shrinkage), table)
    return finish(table)


@njit(cache=True, nogil=True)
def _fill_row(source, shoppers, histories, longest, row, count):  # noqa: ANN001, ANN202, PLR0917 (numba infers; flat for speed, see counting.py)
    offsets, products, amounts = histories
    codes, values, touched = row
    touch(shoppers, histories)
    for shopper in shoppers:
        amount = amounts[shopper]
        stop = offsets[shopper + 1]
        for turn in range(max(offsets[shopper], stop - longest), stop):
            product = products[turn]
            seen = codes[product, 0]
            if product == source or seen == shopper + 1:
                continue
            touched[count] = product
            count += seen == 0
            codes[product, 0] = shopper + 1
            codes[product, 1] += 1
            values[product, 2] += amount
    return count


@njit(cache=True, nogil=True)
def touch(shoppers, histories):  # noqa: ANN001, ANN201 (numba infers)
    """The sum of the shoppers' newest turns: of no use but to have their histories fetched."""
    offsets, products, amounts = histories
    total = np.float32(0.0)
    for shopper in shoppers:
        total += amounts[shopper] + products[max(offsets[shopper + 1] - 1, 0)]
    return total
