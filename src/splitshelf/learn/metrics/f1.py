"""F1: precision and recall in one number."""

import numpy as np

from splitshelf.core.arrays import Floats
from splitshelf.learn.metrics.precision import precision
from splitshelf.learn.metrics.rankings import Rankings
from splitshelf.learn.metrics.recall import recall


def f1(rankings: Rankings, k: int) -> Floats:
    """The harmonic mean 2 p r / (p + r) of precision and recall, 0 where both are; [q].

    Van Rijsbergen 1979, chapter 7, with equal weights.
    """
    p, r = precision(rankings, k), recall(rankings, k)
    harmonic = np.zeros(len(p))
    np.divide(2 * p * r, p + r, out=harmonic, where=p + r > 0)
    return np.where(np.isnan(r), np.nan, harmonic)
