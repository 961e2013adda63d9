"""NDCG: wanted products count more the higher they stand."""

import numpy as np

from splitshelf.core.arrays import Floats
from splitshelf.learn.metrics.rankings import Rankings, divide


def ndcg(rankings: Rankings, k: int) -> Floats:
    """The sum of 1 / log2(rank + 1) over hits in the first k, divided by its best value; [q].

    The best value has all relevant products on top. Järvelin and Kekäläinen 2002, with gains of 0
    and 1 and the discount log2(rank + 1) of Burges et al. 2005.
    """
    gains = np.where(rankings.ranks <= k, 1 / np.log2(rankings.ranks + 1.0), 0.0)
    ideal = np.concatenate(([0.0], np.cumsum(1 / np.log2(np.arange(k) + 2.0))))
    return divide(rankings.total(gains), ideal[np.minimum(rankings.count(), k)])
