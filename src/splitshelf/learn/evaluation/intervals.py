"""Bootstrap intervals over shoppers, for one model and for the difference of two."""

import numpy as np

from splitshelf.core.arrays import Floats, Longs
from splitshelf.core.protocols import Rng

RESAMPLES = 1_000
_DRAWS = 100_000_000


def resample_means(values: Floats, units: Longs, rng: Rng) -> Floats:
    """The mean of each column in each resample, float64 [resamples, columns].

    `values` [q, columns] may hold nan, which is left out. Whole units (shoppers, sessions) are
    drawn with replacement, the same ones for all columns, so that the difference of two columns
    is a paired difference. Efron and Tibshirani 1993, chapter 6. Fewer resamples, at least 200,
    when there are more than 100,000 units.
    """
    _, unit = np.unique(units, return_inverse=True)
    n = int(unit.max()) + 1
    known = ~np.isnan(values)
    sums, counts = np.zeros((n, values.shape[1])), np.zeros((n, values.shape[1]))
    np.add.at(sums, unit, np.where(known, values, 0.0))
    np.add.at(counts, unit, known)
    means = np.full((min(RESAMPLES, max(200, _DRAWS // n)), values.shape[1]), np.nan)
    for row in range(len(means)):
        drawn = np.bincount(rng.integers(n, size=n), minlength=n).astype(np.float64)
        weight = drawn @ counts
        np.divide(drawn @ sums, weight, out=means[row], where=weight > 0)
    return means


def interval(resampled: Floats) -> tuple[float, float]:
    """The 2.5 % and 97.5 % percentiles of resampled means; nan where they are not defined."""
    if np.isnan(resampled).all():
        return (float("nan"), float("nan"))
    low, high = np.nanpercentile(resampled, [2.5, 97.5])
    return float(low), float(high)
