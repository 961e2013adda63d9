"""Intervals of a relative difference that never contradict the p of the absolute one.

Both invert the very test that gave the p: at a ratio of 1 its statistic is that of the difference.
"""

import math
from collections.abc import Callable

from scipy import optimize

NOWHERE = (math.nan, math.nan)


def fieller(
    control: float,
    treatment: float,
    control_error: float,
    treatment_error: float,
    *,
    critical: float,
) -> tuple[float, float]:
    """The interval of treatment / control - 1 by Fieller (1954), for independent estimates.

    It holds the ratios r for which |treatment - r control| <= critical * sqrt(et^2 + r^2 ec^2).
    Unbounded, and so nan, where the control itself cannot be told from zero.
    """
    square = control**2 - (critical * control_error) ** 2
    if not square > 0:
        return NOWHERE
    product = control * treatment
    root = math.sqrt(
        max(product**2 - square * (treatment**2 - (critical * treatment_error) ** 2), 0.0)
    )
    return (product - root) / square - 1, (product + root) / square - 1


def koopman(
    control: tuple[float, int], treatment: tuple[float, int], *, critical: float
) -> tuple[float, float]:
    """The interval of the relative difference of two shares by Koopman's score test (1984).

    An arm is (successes, units). At a ratio of 1 the score is the pooled z, so the interval
    excludes 0 exactly when that z is significant. nan where the control has no success.
    """
    if control[0] <= 0 or treatment[1] == 0:
        return NOWHERE

    def excess(log_ratio: float) -> float:
        return score(control, treatment, math.exp(log_ratio)) ** 2 - critical**2

    best = (treatment[0] / treatment[1]) / (control[0] / control[1])
    start = math.log(best) if best > 0 else -40.0  # where z is zero to rounding
    low = math.exp(_edge(excess, start, -1)) if best > 0 else 0.0
    return low - 1, math.exp(_edge(excess, start, 1)) - 1


def score(control: tuple[float, int], treatment: tuple[float, int], ratio: float) -> float:
    """The score statistic of the hypothesis that treatment / control is `ratio`."""
    (x0, n0), (x1, n1) = control, treatment
    a = (n0 + n1) * ratio
    b = n1 * ratio + x1 + n0 + x0 * ratio
    share0 = 2 * (x0 + x1) / (b + math.sqrt(max(b * b - 4 * a * (x0 + x1), 0.0)))
    share1 = min(ratio * share0, 1.0)
    variance = share1 * (1 - share1) / n1 + ratio**2 * share0 * (1 - share0) / n0
    gap = x1 / n1 - ratio * x0 / n0
    return gap / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, gap)


def _edge(excess: Callable[[float], float], start: float, side: int) -> float:
    """Where `excess` crosses zero on one side of `start`."""
    step = 0.01
    while excess(start + side * step) < 0:
        step *= 2
    near, far = sorted((start, start + side * step))
    return float(optimize.root_scalar(excess, bracket=(near, far), xtol=1e-14).root)
