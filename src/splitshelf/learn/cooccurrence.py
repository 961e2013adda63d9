"""Products that the same shoppers turned to, in whatever order."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from splitshelf.core.arrays import Ints, Longs
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
from splitshelf.learn.layers import Layer, closed, new_log, put_down, with_room
from splitshelf.learn.neighbours import Neighbours
from splitshelf.learn.tallies import Tally


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
    longest = affordable(np.diff(turns.offsets), sharing)
    histories, found, holding = _prepared(sharing, turns, n_products)
    names = found[2]
    shoppers = np.maximum(holding, 1)
    divisors = (
        (shoppers**sharing.source_exponent).astype(np.float32),
        (shoppers[names] ** sharing.target_exponent).astype(np.float32),
        np.float32(sharing.shrinkage),
    )
    return Neighbours(*_count(histories, found, divisors, longest, sharing.neighbours))


def tally_shared(sharing: Sharing, turns: Turns, n_products: int, longest: int) -> Tally:
    """All pairs, neither divided nor cut; histories are `longest` at most."""
    histories, found, holding = _prepared(sharing, turns, n_products)
    return Tally.of(Layer(*_count_all(histories, found, longest)), holding.astype(np.float64))


def _prepared(sharing: Sharing, turns: Turns, n_products: int) -> tuple[Any, Any, Ints]:
    """What the kernels read: histories, who holds each product, and how many these are."""
    holding = distinct_shoppers(turns.offsets, turns.products, n_products)
    names, ranks = crowded(holding)
    products = ranks[turns.products]
    amounts = np.maximum(np.diff(turns.offsets), 1.0) ** -sharing.length_exponent
    histories = (turns.offsets, products, amounts.astype(np.float32))
    found = (*holders(turns.offsets, products, holding[names]), names, ranks)
    return histories, found, holding


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
def _count_all(histories, found, longest):  # noqa: ANN001, ANN202 (numba infers)
    """The same, but each row is kept whole."""
    starts, shoppers, names, ranks = found
    n = len(names)
    row, log = new_row(np.ones(n, dtype=np.float32)), new_log(n)
    for name in range(n):
        source = ranks[name]
        count = 0
        for first in range(starts[source], starts[source + 1], AHEAD):
            some = shoppers[first : min(first + AHEAD, starts[source + 1])]
            count = _fill_row(source, some, histories, longest, row, count)
        log = with_room(log, log[0][name], count)
        put_down(name, row, count, (names, ranks), log)
    return closed(log)


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
