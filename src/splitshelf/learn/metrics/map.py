"""MAP: precision at each wanted product, averaged."""

import numpy as np

from splitshelf.core.arrays import Floats
from splitshelf.learn.metrics.rankings import Rankings, divide


def average_precision(rankings: Rankings, k: int) -> Floats:
    """The sum of precision at each hit in the first k, divided by min(k, relevant products); [q].

    Its mean over shoppers is MAP. Manning et al. 2008, equation 8.8, cut at k.
    """
    at_hits = np.where(rankings.ranks <= k, rankings.place() / rankings.ranks, 0.0)
    return divide(rankings.total(at_hits), np.minimum(rankings.count(), k))
