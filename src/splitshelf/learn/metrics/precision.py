"""Precision: how much of what was shown was wanted."""

from splitshelf.core.arrays import Floats
from splitshelf.learn.metrics.rankings import Rankings


def precision(rankings: Rankings, k: int) -> Floats:
    """Relevant products among the first k, divided by k; [q].

    A list that is shorter than k counts as one of k. Herlocker et al. 2004, section 5.1.
    """
    return rankings.hits(k) / k
