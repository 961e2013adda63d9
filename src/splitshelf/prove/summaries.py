"""The small additive summary that every statistic is computed from: no statistic reads rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from splitshelf.core.arrays import Floats


@dataclass(frozen=True, slots=True)
class Summary:
    """How many units there are, and the centred moments of k columns over them.

    Moments are centred because raw sums of squares cancel: with a mean of 1e8 and a variance of 1
    they can give a negative variance. Merging follows Chan, Golub and LeVeque (1983), eq. 2.1.
    """

    n: int
    """Units, as in shoppers."""
    mean: Floats
    """float64 [k]."""
    m2: Floats
    """float64 [k, k]: m2[i, j] is the sum of (x_i - mean_i) (x_j - mean_j)."""

    @classmethod
    def of(cls, columns: Floats) -> Self:
        """The summary of an [n, k] array (or of [n], one column); n may be 0.

        >>> Summary.of(np.array([1.0, 2.0, 3.0])).variance(0)
        1.0
        """
        table = np.asarray(columns, dtype=np.float64)
        table = table[:, np.newaxis] if table.ndim == 1 else table
        if not len(table):
            return cls.empty(table.shape[1])
        mean = table.mean(axis=0)
        centred = table - mean
        slip = centred.mean(axis=0)
        return cls(len(table), mean + slip, centred.T @ centred - len(table) * np.outer(slip, slip))

    @classmethod
    def empty(cls, k: int) -> Self:
        """The summary of no unit at all: what a sum starts from."""
        return cls(0, np.zeros(k), np.zeros((k, k)))

    @property
    def cov(self) -> Floats:
        """The sample covariances, float64 [k, k]; nan below two units."""
        if self.n < 2:
            return np.full_like(self.m2, np.nan)
        return self.m2 / (self.n - 1)

    def variance(self, column: int) -> float:
        """The sample variance (n - 1) of one column; nan below two units."""
        return float(self.cov[column, column])

    def pick(self, columns: Sequence[int]) -> "Summary":
        """The summary of some of the columns, in the given order."""
        chosen = list(columns)
        return Summary(self.n, self.mean[chosen], self.m2[np.ix_(chosen, chosen)])

    def __add__(self, other: "Summary") -> "Summary":
        """The summary of both sets of units together."""
        n = self.n + other.n
        if n == 0:
            return self
        gap = other.mean - self.mean
        mean = self.mean + gap * (other.n / n)
        return Summary(n, mean, self.m2 + other.m2 + np.outer(gap, gap) * (self.n * other.n / n))

    def __sub__(self, other: "Summary") -> "Summary":
        """The summary of these units without those of `other`, which must be among them."""
        n = self.n - other.n
        if n == 0:
            return Summary.empty(len(self.mean))
        mean = self.mean + (self.mean - other.mean) * (other.n / n)
        gap = other.mean - mean
        return Summary(n, mean, self.m2 - other.m2 - np.outer(gap, gap) * (n * other.n / self.n))


def summarise(values: Floats) -> Summary:
    """The summary of the rows of [n, k] that have every value; others take no part."""
    return Summary.of(values[~np.isnan(values).any(axis=1)])
