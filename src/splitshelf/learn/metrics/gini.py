"""Gini: how unevenly the products share the lists."""

import numpy as np

from splitshelf.core.arrays import Longs


def gini(counts: Longs) -> float:
    """0 when every product is recommended equally often, towards 1 when one takes all.

    Gunawardana and Shani 2015, equation 8.31: sum of (2 j - n - 1) x_j over n times the sum, for
    counts x_j in rising order.
    """
    n, total = len(counts), counts.sum()
    if total == 0:
        return 0.0
    weights = 2 * np.arange(1, n + 1) - n - 1
    return float((weights * np.sort(counts)).sum() / (n * total))
