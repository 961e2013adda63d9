"""Many tests at once: Holm for the goals, Benjamini and Hochberg for the rest."""

import numpy as np

from splitshelf.core.arrays import Floats


def holm(p: Floats) -> Floats:
    """The adjusted p of each test, float64 [n]: below alpha, at most alpha of the families err.

    Holm (1979), for any dependence.
    """
    order = np.argsort(p)
    factors = len(p) - np.arange(len(p))
    adjusted = np.empty(len(p))
    adjusted[order] = np.maximum.accumulate(np.minimum(p[order] * factors, 1.0))
    return adjusted


def benjamini_hochberg(p: Floats) -> Floats:
    """The adjusted p of each test, float64 [n]: below q, at most q of the finds are false.

    Benjamini and Hochberg (1995), for independent or positively dependent tests.
    """
    order = np.argsort(p)[::-1]
    factors = len(p) / (len(p) - np.arange(len(p)))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum.accumulate(np.minimum(p[order] * factors, 1.0))
    return adjusted
