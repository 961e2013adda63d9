"""Chance to win and risk, from the same estimate as the interval, under a flat prior."""

import math

from scipy import special

from splitshelf.prove.statistics.comparisons import Comparison


def chance_to_win(comparison: Comparison, *, higher_is_better: bool = True) -> float:
    """The posterior chance that the variant is better than the control; nan without an error."""
    if not comparison.error > 0:
        return math.nan
    z = comparison.difference / comparison.error
    return float(special.ndtr(z if higher_is_better else -z))


def risk(comparison: Comparison) -> tuple[float, float]:
    """What is expected to be lost by (shipping, keeping) wrongly, in units of the outcome.

    The mean of the negative and of the positive part of a normal difference.
    """
    error, difference = comparison.error, comparison.difference
    if not error > 0:
        return math.nan, math.nan
    z = difference / error
    density = error * math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
    return (
        density - difference * float(special.ndtr(-z)),
        density + difference * float(special.ndtr(z)),
    )
