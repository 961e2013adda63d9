"""From a query to an order: the pool, the rules that products must pass, the draw, the fill.

Two tiers. The pool holds the best products of the policy's model that the rules allow; the draw
orders it. Where that leaves the shelf short, the most popular products fill it in their order,
first by all rules, then without caps, then with what was bought lately; after them the shop's own
fallback list, then the rest of the catalogue. What
is not sellable, excluded, unwanted or a seed never stands on a shelf.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np

from splitshelf.core.arrays import Bools, Floats, Ints
from splitshelf.core.protocols import Candidates
from splitshelf.serve.exploration import Caps, draw
from splitshelf.serve.freshness import KINDS, Assortment
from splitshelf.serve.rules.diversity import spread

ROWS = {kind: row for row, kind in enumerate(KINDS)}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a ranking must respect; codes of the assortment."""

    n: int
    """How many products are wanted."""
    pool: int
    """How many the model puts forward; at least n."""
    banned: Collection[int]
    """Never on this shelf: excluded, seeds, unwanted."""
    sellable: Bools
    """bool [catalogue]: for sale, and allowed by the rules."""
    avoided: Collection[int]
    """Not while there is anything else: bought lately."""
    caps: tuple[tuple[str, int], ...] = (("group", 1),)
    """Kinds (see freshness.KINDS), and how many products of one may stand on the shelf."""
    diversity: float = 0.0
    """What a twin of a product on the shelf loses of its chances; 0 is nothing."""
    factors: Floats | None = None
    """float64 [catalogue]: what the rules multiply scores by; None where nothing is."""

    def blocked(self) -> Ints:
        """The codes that the pool must not hold, int32, in no order."""
        codes = {*self.banned, *self.avoided}
        return np.fromiter(codes, dtype=np.int32, count=len(codes))


@dataclass(frozen=True, slots=True)
class Ranked:
    """What stands where; all of one length."""

    products: list[int]
    scores: list[float]
    propensities: list[float]
    drawn: int
    """How many of them, from the first, the query's model scored; the rest were filled in."""


def rank(
    pool: Candidates,
    popular: Candidates,
    assortment: Assortment,
    limits: Limits,
    *,
    seed: int,
    temperature: float,
) -> Ranked:
    """The shelf: the pool in a drawn order, then the popular products that fill it."""
    pool, odds = spread_out(pool, assortment, limits.diversity)
    drawn = draw(
        odds,
        assortment.keys,
        limits.n,
        seed=seed,
        temperature=temperature,
        caps=Caps(
            assortment.kinds,
            np.array([ROWS[kind] for kind, _ in limits.caps], dtype=np.int32),
            np.array([most for _, most in limits.caps], dtype=np.int32),
        ),
    )
    products: list[int] = pool.products[drawn.chosen].tolist()
    scores: list[float] = pool.scores[drawn.chosen].tolist()
    count = len(products)
    for code, score in filling(products, popular, assortment, limits):
        products.append(code)
        scores.append(score)
    chances = drawn.propensities.tolist() + [1.0] * (len(products) - count)
    return Ranked(products, scores, chances, count)


def boosted(pool: Candidates, limits: Limits) -> Candidates:
    """The pool with the factors of the rules in its scores, best first, cut to its size."""
    if limits.factors is None:
        return pool
    scores = pool.scores * limits.factors[pool.products]
    order = np.argsort(-scores, kind="stable")[: limits.pool]
    return Candidates(pool.products[order], scores[order])


def spread_out(
    pool: Candidates, assortment: Assortment, diversity: float
) -> tuple[Candidates, Candidates]:
    """The pool in the order of its chances, with its scores, and with what it is drawn by."""
    if not diversity or not len(pool.products):
        return pool, pool
    kinds = assortment.kinds[[ROWS["brand"], ROWS["category"]]][:, pool.products]
    lowered = spread(pool.scores, np.ascontiguousarray(kinds), diversity)
    order = np.argsort(-lowered, kind="stable")
    products = pool.products[order]
    return Candidates(products, pool.scores[order]), Candidates(products, lowered[order])


def filling(
    placed: list[int], popular: Candidates, assortment: Assortment, limits: Limits
) -> Iterator[tuple[int, float]]:
    """What is missing, most popular first; unknown products last."""
    missing = limits.n - len(placed)
    if missing <= 0:
        return
    taken = set(placed)
    for leniency in range(3):
        for code, score in _shelf(popular, assortment):
            if code in taken or not _may_fill(code, taken, assortment, limits, leniency):
                continue
            taken.add(code)
            yield code, score
            missing -= 1
            if not missing:
                return


def _shelf(popular: Candidates, assortment: Assortment) -> Iterator[tuple[int, float]]:
    """What anybody bought, most popular first, then the shop's own list, then all the rest."""
    liked = int(np.count_nonzero(popular.scores > 0))
    products, scores = popular.products[:liked].tolist(), popular.scores[:liked].tolist()
    yield from zip(products, scores, strict=True)
    codes = assortment.codes
    yield from ((codes[product], 0.0) for product in assortment.fallback if product in codes)
    rest = np.ones(len(assortment.sellable), dtype=np.bool_)
    rest[popular.products[:liked]] = False
    yield from ((code, 0.0) for code in np.flatnonzero(rest).tolist())


def _may_fill(
    code: int, taken: set[int], assortment: Assortment, limits: Limits, leniency: int
) -> bool:
    """Whether a product may fill up; leniency 1 forgets the caps, 2 also what was bought."""
    if not limits.sellable[code] or code in limits.banned:
        return False
    if leniency < 2 and code in limits.avoided:
        return False
    return leniency > 0 or not _capped(code, taken, assortment, limits)


def _capped(code: int, taken: set[int], assortment: Assortment, limits: Limits) -> bool:
    for kind, most in limits.caps:
        codes = assortment.kinds[ROWS[kind]]
        if codes[code] >= 0 and sum(codes[o] == codes[code] for o in taken) >= most:
            return True
    return False
