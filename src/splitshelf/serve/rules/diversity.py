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


_TAKEN = 1 << 20


@njit(cache=True, nogil=True)
def spread(  # noqa: ANN201 (numba infers)
    products: Ints, scores: Floats, kinds: Ints, rows: Ints, strength: float
):
    """A pool in the order of its chances: products, scores, and scores lowered by likeness.

    Each score is lowered by its likeness to those that are taken before it. Scores fall, so the
    first is taken first. `kinds` is int32 [kinds, catalogue], of which `rows` count; -1 is like
    nothing.
    """
    size = len(products)
    codes = np.empty((len(rows), size), dtype=np.int32)
    for row in range(len(rows)):
        for i in range(size):
            code = kinds[rows[row], products[i]]
            codes[row, i] = code if code >= 0 else -2 - i
    lowered, order = scores.copy(), np.empty(size, dtype=np.int64)
    most, likeness = np.zeros(size, dtype=np.int32), np.empty(size, dtype=np.int32)
    taken = 0
    for place in range(size):
        order[place] = taken
        most[taken] = _TAKEN
        count_alike(codes, taken, likeness)
        best = -np.inf
        for i in range(size):
            if most[i] == _TAKEN:
                continue
            if likeness[i] > most[i]:
                most[i] = likeness[i]
                lowered[i] = scores[i] * (1.0 - strength * likeness[i] / len(rows))
            if lowered[i] > best:
                best, taken = lowered[i], i
    return products[order], scores[order], lowered[order]


@njit(cache=True, nogil=True)
def count_alike(codes: Ints, one: int, likeness: Ints) -> None:
    """Write in how many rows each entry shares the code of one."""
    likeness[:] = 0
    for row in range(len(codes)):
        for i in range(len(likeness)):
            likeness[i] += codes[row, i] == codes[row, one]
