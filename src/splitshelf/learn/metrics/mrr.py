"""MRR: how far down the first wanted product is."""

import numpy as np

from splitshelf.core.arrays import Floats
from splitshelf.learn.metrics.rankings import Rankings


def mrr(rankings: Rankings, k: int) -> Floats:
    """1 / rank of the first relevant product if it is among the first k, else 0; [q].

    nan for a shopper without relevant products. Voorhees 1999.
    """
    first = (rankings.place() == 1) & (rankings.ranks <= k)
    reciprocal = rankings.total(np.where(first, 1.0 / rankings.ranks, 0.0))
    return np.where(rankings.count() > 0, reciprocal, np.nan)
