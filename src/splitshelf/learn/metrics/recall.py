"""Recall: how much of what was wanted was shown."""

from splitshelf.core.arrays import Floats
from splitshelf.learn.metrics.rankings import Rankings, divide


def recall(rankings: Rankings, k: int) -> Floats:
    """Relevant products among the first k, divided by all relevant products; [q].

    nan for a shopper without relevant products. Herlocker et al. 2004, section 5.1.
    """
    return divide(rankings.hits(k), rankings.count())
