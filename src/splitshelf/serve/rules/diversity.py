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
def spread(scores: Floats, kinds: Ints, strength: float) -> Floats:
    """The scores of a pool, each lowered by its likeness to those that are taken before it.

    `kinds` is int32 [rows, pool]; -1 is like nothing.
    """
    size = len(scores)
    lowered = scores.copy()
    taken = np.zeros(size, dtype=np.bool_)
    for _ in range(size):
        best = -1
        for i in range(size):
            if not taken[i] and (best < 0 or lowered[i] > lowered[best]):
                best = i
        taken[best] = True
        for i in range(size):
            if not taken[i]:
                alike = 0
                for row in range(len(kinds)):
                    alike += kinds[row, i] >= 0 and kinds[row, i] == kinds[row, best]
                worth = scores[i] * (1.0 - strength * alike / len(kinds))
                lowered[i] = min(lowered[i], worth)
    return lowered
