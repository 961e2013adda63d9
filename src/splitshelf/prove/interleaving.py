"""Interleaving: two rankings share one shelf, and clicks say which is liked better.

It needs far fewer shoppers than a split, because each shopper compares; but it says only which
ranking is liked better, not what that earns. A first stage, never a verdict.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from splitshelf.core.arrays import Floats
from splitshelf.core.protocols import Rng


@dataclass(frozen=True, slots=True)
class Interleaved:
    """A shelf made of two rankings."""

    products: tuple[str, ...]
    teams: tuple[int, ...]
    """Who put each product there: 0 the first ranking, 1 the second, -1 both alike."""


def team_draft(first: Sequence[str], second: Sequence[str], n: int, rng: Rng) -> Interleaved:
    """A shelf of n products by team draft: the two take turns, a coin says who begins each round.

    Radlinski, Kurup and Joachims (2008).
    """
    rankings, products, teams = (first, second), [], []
    counts = [0, 0]
    while len(products) < n:
        behind = 0 if counts[0] < counts[1] else 1
        team = int(rng.integers(2)) if counts[0] == counts[1] else behind
        pick = _next(rankings[team], products)
        if pick is None:
            team = 1 - team
            pick = _next(rankings[team], products)
        if pick is None:
            break
        products.append(pick)
        teams.append(team)
        counts[team] += 1
    return Interleaved(tuple(products), tuple(teams))


def balanced(first: Sequence[str], second: Sequence[str], n: int, rng: Rng) -> Interleaved:
    """A shelf of n products so that the top k of either ranking are always shown alike, up to one.

    Joachims (2003): the two lists are read in step, a coin says whose step comes first. A product
    counts for the ranking that has it higher; one at the same place counts for neither.
    """
    begins = int(rng.integers(2))
    places = [0, 0]
    rankings = (first, second)
    products: list[str] = []
    while len(products) < n and any(places[t] < len(rankings[t]) for t in (0, 1)):
        other = 1 - begins
        turn = begins if places[begins] <= places[other] else other
        if places[turn] >= len(rankings[turn]):
            turn = 1 - turn
        pick = rankings[turn][places[turn]]
        places[turn] += 1
        if pick not in products:
            products.append(pick)
    return Interleaved(tuple(products), tuple(_higher(first, second, one) for one in products))


INTERLEAVINGS: dict[str, Callable[[Sequence[str], Sequence[str], int, Rng], Interleaved]] = {
    "team_draft": team_draft,
    "balanced": balanced,
}
"""name -> (first, second, n, rng) -> shelf."""


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
    n = first + second
    if n == 0:
        return Preference(math.nan, math.nan, math.nan, math.nan, 0)
    tail = float(special.bdtr(min(first, second), n, 0.5))
    low, high = wilson(second, n, alpha)
    return Preference(second / n, low, high, min(2 * tail, 1.0), n)


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


def _next(ranking: Sequence[str], taken: Sequence[str]) -> str | None:
    return next((product for product in ranking if product not in taken), None)


def _higher(first: Sequence[str], second: Sequence[str], product: str) -> int:
    place = [
        ranking.index(product) if product in ranking else np.inf for ranking in (first, second)
    ]
    if place[0] == place[1]:
        return -1
    return 0 if place[0] < place[1] else 1
