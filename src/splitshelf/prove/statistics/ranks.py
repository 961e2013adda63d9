"""Mann and Whitney's test: whether one arm tends to be larger, whatever the outliers."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from splitshelf.core.arrays import Floats


@dataclass(frozen=True, slots=True)
class Superiority:
    """How often a shopper of the variant is above one of the control."""

    chance: float
    """P(variant > control) + P(equal) / 2: one half where neither is."""
    p: float
    """Two-sided, by the normal approximation with ties and continuity corrected."""


def superiority(control: Floats, treatment: Floats) -> Superiority:
    """The comparison of two arms by ranks; p is nan where all values are equal.

    It tests whether the distributions differ in order, not whether the mean does: money follows
    the mean, so this qualifies a verdict and never makes one.
    """
    n, m = len(treatment), len(control)
    both = np.concatenate([treatment, control])
    ranks = stats.rankdata(both)
    u = float(ranks[:n].sum()) - n * (n + 1) / 2
    ties = np.unique(both, return_counts=True)[1].astype(np.float64)
    total = n + m
    spread = n * m / 12 * (total + 1 - float((ties**3 - ties).sum()) / (total * (total - 1)))
    if spread <= 0:
        return Superiority(0.5, math.nan)
    z = max(abs(u - n * m / 2) - 0.5, 0.0) / math.sqrt(spread)
    return Superiority(u / (n * m), float(2 * special.ndtr(-z)))
