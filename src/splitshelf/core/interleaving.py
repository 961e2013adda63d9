"""Two rankings on one shelf: team draft and balanced interleaving."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

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


def _next(ranking: Sequence[str], taken: Sequence[str]) -> str | None:
    return next((product for product in ranking if product not in taken), None)


def _higher(first: Sequence[str], second: Sequence[str], product: str) -> int:
    place = [
        ranking.index(product) if product in ranking else np.inf for ranking in (first, second)
    ]
    if place[0] == place[1]:
        return -1
    return 0 if place[0] < place[1] else 1
