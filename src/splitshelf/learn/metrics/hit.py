"""Hit rate: whether anything wanted was shown."""

import numpy as np

from splitshelf.core.arrays import Floats
from splitshelf.learn.metrics.rankings import Rankings


def hit(rankings: Rankings, k: int) -> Floats:
    """1 where at least one relevant product is among the first k, else 0; [q].

    nan for a shopper without relevant products. Deshpande and Karypis 2004, section 6.2.
    """
    found = (rankings.hits(k) > 0).astype(np.float64)
    return np.where(rankings.count() > 0, found, np.nan)
