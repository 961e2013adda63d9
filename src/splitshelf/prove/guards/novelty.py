"""Novelty: does the effect fade while the test runs?"""

import math
from collections.abc import Sequence

import numpy as np
from scipy import special

from splitshelf.prove.guards.finding import Evidence, Finding, GuardStatus

FEWEST_DAYS = 5
ALPHA = 0.01


def slope(daily: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The weighted least-squares slope of the daily difference a day, and its two-sided p."""
    differences, errors = np.array(daily, dtype=np.float64).T
    weights = 1 / errors**2
    days = np.arange(len(differences)) - np.average(np.arange(len(differences)), weights=weights)
    spread = float((weights * days**2).sum())
    steepness = float((weights * days * differences).sum()) / spread
    return steepness, float(2 * special.ndtr(-abs(steepness) * math.sqrt(spread)))


def novelty(evidence: Evidence) -> Finding | None:
    """A warning where the daily effect has a slope at p < .01; None below five whole days."""
    if len(evidence.daily) < FEWEST_DAYS:
        return None
    steepness, p = slope(evidence.daily)
    third = max(len(evidence.daily) // 3, 1)
    first, last = _mean(evidence.daily[:third]), _mean(evidence.daily[-third:])
    detail = (
        f"First {third} days {first:+.4g}, last {third} days {last:+.4g}; slope "
        f"{steepness:+.4g} a day, p = {p:.3g}."
    )
    if p < ALPHA:
        why = "The effect changes from day to day: judge by the last days, and run on."
        return Finding(status=GuardStatus.WARN, why=why, detail=detail, p=p, statistic=steepness)
    why = "The effect neither fades nor grows."
    return Finding(status=GuardStatus.OK, why=why, detail=detail, p=p, statistic=steepness)


def _mean(daily: Sequence[tuple[float, float]]) -> float:
    differences, errors = np.array(daily, dtype=np.float64).T
    return float(np.average(differences, weights=1 / errors**2))
