"""Interleaving: what clicks on shelves of two rankings say about which is liked better.

It needs far fewer shoppers than a split, because each shopper compares; but it says only which
ranking is liked better, not what that earns. A first stage, never a verdict.
"""

import math
from dataclasses import dataclass

from scipy import optimize, special

from splitshelf.core.arrays import Floats


@dataclass(frozen=True, slots=True)
class Preference:
    """Which of two rankings shoppers prefer."""

    share: float
    """Of the shoppers with a preference, those who prefer the second ranking."""
    low: float
    """Of the interval (Wilson's)."""
    high: float
    p: float
    """Two-sided, of no preference; exact binomial."""
    shoppers: int
    """Those with a preference."""


def preference(clicks: Floats, alpha: float = 0.05) -> Preference:
    """The preference of shoppers from clicks [n, 2]: on products of the first and of the second.

    A shopper is one vote, whatever their number of clicks; ties are no vote.
    """
    second = int((clicks[:, 1] > clicks[:, 0]).sum())
    first = int((clicks[:, 0] > clicks[:, 1]).sum())
    return of_votes(first, second, alpha)


def of_votes(first: int, second: int, alpha: float = 0.05) -> Preference:
    """The preference of so many shoppers for either, by tests for data that are complete."""
    n = first + second
    if n == 0:
        return Preference(math.nan, math.nan, math.nan, math.nan, 0)
    tail = float(special.bdtr(min(first, second), n, 0.5))
    low, high = wilson(second, n, alpha)
    return Preference(second / n, low, high, min(2 * tail, 1.0), n)


PRIOR = 50.0
"""Of the symmetric Beta mixture: tightest for preferences of about 55 to 60 %."""


def log_evidence(first: int, second: int, share: float = 0.5) -> float:
    """The log of the evidence against a share of votes for the second, valid at every look at once.

    The Beta-binomial mixture over the binomial (Robbins 1970); 1 / e is a p.
    """
    mixture = special.betaln(PRIOR + first, PRIOR + second) - special.betaln(PRIOR, PRIOR)
    null = special.xlogy(second, share) + special.xlog1py(first, -share)
    return float(mixture - null)


def anytime(first: int, second: int, alpha: float) -> tuple[float, float]:
    """The interval of the share that holds at every look at once: shares not spoken against.

    >>> low, high = anytime(400, 600, 0.05)
    >>> 0.5 < low < 0.6 < high < 0.7
    True
    """
    n = first + second
    if not n:
        return 0.0, 1.0
    limit, centre = math.log(1 / alpha), second / n

    def excess(share: float) -> float:
        return log_evidence(first, second, share) - limit

    edge = 1e-12
    low = optimize.root_scalar(excess, bracket=(edge, centre)).root if second else 0.0
    high = optimize.root_scalar(excess, bracket=(centre, 1 - edge)).root if first else 1.0
    return float(low), float(high)


def wilson(hits: int, n: int, alpha: float) -> tuple[float, float]:
    """Wilson's score interval of a share (1927)."""
    z2 = float(special.ndtri(alpha / 2)) ** 2
    centre = (hits + z2 / 2) / (n + z2)
    half = math.sqrt(z2 * (hits * (n - hits) / n + z2 / 4)) / (n + z2)
    return centre - half, centre + half


def shoppers_needed(share: float, alpha: float = 0.05, power: float = 0.8) -> int:
    """How many shoppers with a preference show that a share of them prefers one ranking.

    >>> shoppers_needed(0.55)
    783
    """
    z = -special.ndtri(alpha / 2) * 0.5 - special.ndtri(1 - power) * math.sqrt(share * (1 - share))
    return math.ceil(float(z / (share - 0.5)) ** 2)
