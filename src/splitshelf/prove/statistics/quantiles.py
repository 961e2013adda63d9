"""Quantiles, as the median order value: these alone need the values themselves."""

import math

import numpy as np
from scipy import special

from splitshelf.core.arrays import Floats
from splitshelf.prove.statistics.comparisons import Arm, Comparison, welch


def arm(values: Floats, q: float) -> Arm:
    """The q-quantile of [n] values; its error from the order statistics around it.

    The interval of ranks n (q +- z sqrt(q (1 - q) / n)) at 95 % spans 2 z errors: Deng, Knoblich
    and Lu (2018), section 4.2. It needs no density estimate.
    """
    n = len(values)
    if n < 2:
        return Arm(float(np.quantile(values, q)) if n else math.nan, math.nan, n)
    z = float(-special.ndtri(0.025))
    reach = z * math.sqrt(q * (1 - q) / n)
    low, middle, high = np.quantile(values, [max(q - reach, 0), q, min(q + reach, 1)])
    return Arm(float(middle), n * ((high - low) / (2 * z)) ** 2, n)


def compare(control: Floats, treatment: Floats, alpha: float, q: float = 0.5) -> Comparison:
    """Two quantiles by Welch's t on the errors of `arm`."""
    return welch(arm(control, q), arm(treatment, q), alpha)
