"""Novelty: how little known the shown products are."""

import numpy as np

from splitshelf.core.arrays import Floats
from splitshelf.learn.metrics.rankings import Rankings, divide


def novelty(rankings: Rankings, k: int) -> Floats:
    """The mean of -log2(popularity) over the first k shown products, in bits; [q].

    A product without past interactions counts as if it had the least popularity of all that have
    some. nan for an empty list. Zhou et al. 2010 (self-information), Vargas and Castells 2011.
    """
    known = rankings.facts.popularity
    floor = known[known > 0].min(initial=1.0)
    bits = -np.log2(np.maximum(known, floor))
    shown = rankings.lists[:, :k]
    total = np.where(shown >= 0, bits[shown], 0.0).sum(axis=1)
    return divide(total, (shown >= 0).sum(axis=1))
