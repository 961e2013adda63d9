"""CUPED: what a shopper did before explains part of what they do now, and is taken out.

With the shop's own prediction as the covariate it is CUPAC. The variance falls to 1 - rho^2 of
what it was: Deng, Xu, Kohavi and Walker (2013), eq. 4; for ratios by the delta method, appendix B.
"""

from dataclasses import dataclass

import numpy as np

from splitshelf.core.arrays import Floats
from splitshelf.prove.statistics.comparisons import Arm, Comparison, welch
from splitshelf.prove.summaries import Summary


def compare(control: Summary, treatment: Summary, alpha: float) -> Comparison:
    """Two adjusted outcomes by Welch's t.

    The columns are (outcome, covariate) for means and (numerator, denominator, covariate's
    numerator, covariate's denominator) for ratios. The coefficient is that of both arms together,
    so that the adjustment cannot favour one.
    """
    both = control + treatment
    theta, centre = coefficient(both), linear(both).value[1]
    return welch(_adjusted(control, theta, centre), _adjusted(treatment, theta, centre), alpha)


def coefficient(both: Summary) -> float:
    """The slope of the outcome on the covariate; 0 for a covariate that never varies."""
    cov = linear(both).cov
    return float(cov[0, 1] / cov[1, 1]) if cov[1, 1] > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Linear:
    """An outcome and its covariate as two linearised columns."""

    value: Floats
    """float64 [2]: outcome and covariate."""
    cov: Floats
    """float64 [2, 2]: of one unit."""


def linear(summary: Summary) -> Linear:
    """The two columns of a mean as they are; those of a ratio by their first-order expansion."""
    if len(summary.mean) == 2:
        return Linear(summary.mean, summary.cov)
    tops, bottoms = summary.mean[[0, 2]], summary.mean[[1, 3]]
    value = tops / bottoms
    jacobian = np.array(
        [
            [1 / bottoms[0], -value[0] / bottoms[0], 0, 0],
            [0, 0, 1 / bottoms[1], -value[1] / bottoms[1]],
        ]
    )
    return Linear(value, jacobian @ summary.cov @ jacobian.T)


def _adjusted(summary: Summary, theta: float, centre: float) -> Arm:
    columns = linear(summary)
    weights = np.array([1.0, -theta])
    value = float(columns.value[0] - theta * (columns.value[1] - centre))
    return Arm(value, max(float(weights @ columns.cov @ weights), 0.0), summary.n)
