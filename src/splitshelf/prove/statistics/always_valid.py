"""Intervals that hold at every look at once: for whoever looks when they like."""

import math

from splitshelf.prove.statistics.comparisons import Comparison

TUNING = 5000
"""The number of units at which the interval is tightest, when no plan names one."""


def half_width(error: float, n: int, alpha: float, tuning: int = TUNING) -> float:
    """Half the width of the asymptotic confidence sequence after n units; nan without an error.

    Waudby-Smith et al. (2023), theorem 2.2, as GrowthBook computes it: over all n at once it
    misses the truth with a chance of at most alpha. The price against one fixed look is a factor
    of about 1.7 at its tightest.
    """
    if n == 0 or math.isnan(error):
        return math.nan
    scaled = n * _rho_squared(alpha, tuning)
    return error * math.sqrt(2 * (scaled + 1) / scaled * math.log(math.sqrt(scaled + 1) / alpha))


def interval(
    comparison: Comparison, n: int, alpha: float, tuning: int = TUNING
) -> tuple[float, float]:
    """The always-valid interval of a difference; n counts the units of both arms."""
    half = half_width(comparison.error, n, alpha, tuning)
    return comparison.difference - half, comparison.difference + half


def p_value(comparison: Comparison, n: int, alpha: float, tuning: int = TUNING) -> float:
    """The always-valid p: one over the e-value of the same mixture; at most 1."""
    if n == 0 or not comparison.error > 0:
        return math.nan
    scaled = n * _rho_squared(alpha, tuning)
    z_squared = (comparison.difference / comparison.error) ** 2
    log_e = z_squared * scaled / (2 * (scaled + 1)) - 0.5 * math.log(scaled + 1)
    return math.exp(min(-log_e, 0.0))


def mixture_half_width(error: float, prior: float, alpha: float) -> float:
    """Half the width of the interval of the mixture sequential probability ratio test.

    `prior` is the standard deviation of the effects that are expected. Johari, Pekelis and Walsh
    (2017), eq. 7, solved for the effect; good at every look, tightest near effects like the prior.
    """
    if math.isnan(error) or not error > 0:
        return math.nan
    ratio = (error / prior) ** 2
    return error * math.sqrt((1 + ratio) * (2 * math.log(1 / alpha) + math.log1p(1 / ratio)))


def _rho_squared(alpha: float, tuning: int) -> float:
    """The mixture's parameter that makes the interval tightest at `tuning` units: ibid., B.2."""
    return (-2 * math.log(alpha) + math.log(-2 * math.log(alpha) + 1)) / tuning
