"""Non-inferiority: not "no difference was found", but "a loss that matters is ruled out"."""

import math

from scipy import special

from splitshelf.prove.statistics.comparisons import Comparison


def p_value(comparison: Comparison, margin: float, *, higher_is_better: bool = True) -> float:
    """The one-sided p of the hypothesis that the variant is worse by `margin` or more.

    The margin is positive, in the units of the outcome. nan without an error.
    """
    if not comparison.error > 0:
        return math.nan
    gain = comparison.difference if higher_is_better else -comparison.difference
    return float(special.ndtr(-(gain + margin) / comparison.error))


def power(error: float, margin: float, alpha: float, effect: float = 0.0) -> float:
    """The chance to show a variant safe whose true gain is `effect`; by default an equal one."""
    return float(special.ndtr((effect + margin) / error + special.ndtri(alpha)))
