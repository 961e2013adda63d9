"""Least squares on rows: the effect of a variant when several covariates are held fixed at once."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from splitshelf.core.arrays import Bools, Floats


@dataclass(frozen=True, slots=True)
class Adjusted:
    """The difference between the arms at equal covariates."""

    difference: float
    error: float
    """Robust to unequal variances."""
    p: float
    """Two-sided, by the normal distribution."""


def ancova(outcome: Floats, treated: Bools, covariates: Floats) -> Adjusted:
    """The analysis of covariance: outcome ~ 1 + treated + covariates, float64 [n, k] or [n].

    The error is HC2 (MacKinnon and White 1985): each squared residual over 1 - its leverage. With
    one covariate the difference is nearly that of CUPED, whose slope ignores the arms.
    """
    design = np.column_stack([np.ones(len(outcome)), treated, covariates])
    q, r = np.linalg.qr(design)
    inverse = np.linalg.inv(r)
    coefficients = inverse @ (q.T @ outcome)
    residuals = outcome - design @ coefficients
    leverage = (q**2).sum(axis=1)
    weights = q @ inverse.T[:, 1]
    error = math.sqrt(float((weights**2 * residuals**2 / (1 - leverage)).sum()))
    difference = float(coefficients[1])
    p = 2 * float(special.ndtr(-abs(difference) / error)) if error > 0 else math.nan
    return Adjusted(difference, error, p)
