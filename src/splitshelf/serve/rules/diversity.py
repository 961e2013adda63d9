"""Diversity: maximal marginal relevance, where products of one brand or category are alike.

Carbonell and Goldstein 1998, with the loss in proportion: the next product is the one with the
largest score * (1 - strength * likeness), likeness being the share of {brand, category} that it has
in common with the most alike of those taken. The scores so lowered are what the draw draws by.
"""

import numpy as np
from numba import njit

from splitshelf.core.arrays import Floats, Ints
from splitshelf.serve.freshness import Assortment
from splitshelf.serve.rule import Effects, Mask, Rule


def diversity(rule: Rule, mask: Mask, effects: Effects, assortment: Assortment) -> None:
    """The strongest such rule counts."""
    del mask, assortment
    effects.diversity = max(effects.diversity, rule.strength)


@njit(cache=True, nogil=True)
def spread(  # noqa: ANN201 (numba infers)
    products: Ints, scores: Floats, kinds: Ints, rows: Ints, strength: float
):
    """A pool in the order of its chances: products, scores, and scores lowered by likeness.

    Each score is lowered by its likeness to those that are taken before it. `kinds` is int32
    [kinds, catalogue], of which `rows` count; -1 is like nothing.
    """
    size = len(products)
    codes = np.empty((len(rows), size), dtype=np.int32)
    for row in range(len(rows)):
        for i in range(size):
            codes[row, i] = kinds[rows[row], products[i]]
    lowered = scores.copy()
    order = np.arange(size)
    for place in range(size):
        best = place
        for i in range(place + 1, size):
            higher = lowered[order[i]] > lowered[order[best]]
            if higher or (lowered[order[i]] == lowered[order[best]] and order[i] < order[best]):
                best = i
        order[place], order[best] = order[best], order[place]
        taken = order[place]
        for i in range(place + 1, size):
            other = order[i]
            likeness = strength * alike(codes, taken, other) / len(rows)
            lowered[other] = min(lowered[other], scores[other] * (1.0 - likeness))
    return products[order], scores[order], lowered[order]


@njit(cache=True, nogil=True)
def alike(codes: Ints, one: int, other: int) -> int:
    """In how many rows two entries share a code."""
    count = 0
    for row in range(len(codes)):
        count += codes[row, one] >= 0 and codes[row, one] == codes[row, other]
    return count
