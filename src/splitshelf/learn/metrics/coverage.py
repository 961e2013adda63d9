"""Coverage: how much of the catalogue anybody gets to see."""

import numpy as np

from splitshelf.core.arrays import Longs


def coverage(counts: Longs) -> float:
    """The share of products that stand in at least one list. Ge et al. 2010, equation 2."""
    return float(np.mean(counts > 0)) if len(counts) else 0.0
