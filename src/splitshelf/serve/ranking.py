"""From a query to an order: the pool, the rules that products must pass, the draw, the fill.

Two tiers. The pool holds the best products of the policy's model that the rules allow; the draw
orders it. Where that leaves the shelf short, the most popular products fill it in their order,
first by all rules, then without caps, then with what was bought lately; after them the shop's own
fallback list, then the rest of the catalogue. What
is not sellable, excluded, unwanted or a seed never stands on a shelf.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numba import njit

from splitshelf.core.arrays import Bools, Floats, Ints
from splitshelf.core.protocols import Candidates
from splitshelf.serve.exploration import Caps, draw
from splitshelf.serve.freshness import KINDS, Assortment
from splitshelf.serve.rules.diversity import spread

ROWS = {kind: row for row, kind in enumerate(KINDS)}
ALIKE = np.array([ROWS["brand"], ROWS["category"]], dtype=np.int32)
"""The rows of `kinds` by which products are alike."""


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
    """Of those that were drawn; 0 where they were filled in, whom the pool said nothing of."""
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
        caps=Caps(assortment.kinds, *caps_of(limits.caps)),
    )
    products: list[int] = pool.products[drawn.chosen].tolist()
    scores: list[float] = pool.scores[drawn.chosen].tolist()
    count = len(products)
    if count < limits.n:
        products += filling(products, popular, assortment, limits)
        scores += [0.0] * (len(products) - count)
    chances = drawn.propensities.tolist() + [1.0] * (len(products) - count)
    return Ranked(products, scores, chances, count)


def spread_out(
    pool: Candidates, assortment: Assortment, diversity: float
) -> tuple[Candidates, Candidates]:
    """The pool in the order of its chances, with its scores, and with what it is drawn by."""
    if not diversity or not len(pool.products):
        return pool, pool
    products, scores, lowered = spread(
        pool.products, pool.scores, assortment.kinds, ALIKE, diversity
    )
    return Candidates(products, scores), Candidates(products, lowered)


@lru_cache
def caps_of(caps: tuple[tuple[str, int], ...]) -> tuple[Ints, Ints]:
    """The rows of `kinds` that caps are about, and how many may share a code; do not write."""
    rows = np.array([ROWS[kind] for kind, _ in caps], dtype=np.int32)
    return rows, np.array([most for _, most in caps], dtype=np.int32)


def filling(
    placed: list[int], popular: Candidates, assortment: Assortment, limits: Limits
) -> list[int]:
    """What is missing, most popular first; unknown products last."""
    wanted = max(limits.n, len(placed))
    taken = np.empty(wanted, dtype=np.int32)
    taken[: len(placed)] = placed
    count = len(placed)
    caps = Caps(assortment.kinds, *caps_of(limits.caps))
    rules = (limits.sellable, _codes(limits.banned), _codes(limits.avoided))
    for leniency in range(3):
        for codes in _shelf(popular, assortment):
            if count == wanted:
                break
            count = fill(codes, (taken, count), rules, caps, leniency)
    return taken[len(placed) : count].tolist()


def _codes(codes: Collection[int]) -> Ints:
    return np.fromiter(codes, dtype=np.int32, count=len(codes))


def _shelf(popular: Candidates, assortment: Assortment) -> Iterator[Ints]:
    """What anybody bought, most popular first, then the shop's own list, then all the rest."""
    falling = popular.scores
    liked = len(falling) - int(np.searchsorted(falling[::-1], 0.0, side="right"))
    yield popular.products[:liked]
    codes = assortment.codes
    yield _codes([codes[product] for product in assortment.fallback if product in codes])
    rest = np.ones(len(assortment.sellable), dtype=np.bool_)
    rest[popular.products[:liked]] = False
    yield np.flatnonzero(rest).astype(np.int32)


@njit(cache=True, nogil=True)
def fill(
    codes: Ints,
    shelf,  # noqa: ANN001 (int32: what stands there, and room for more; how many do)
    rules,  # noqa: ANN001 (sellable bool, banned and avoided int32)
    caps,  # noqa: ANN001 (see Caps)
    leniency: int,
) -> int:
    """How many stand on the shelf once the first codes that may fill it up did.

    Leniency 1 forgets the caps, 2 also what was bought.
    """
    taken, count = shelf
    sellable, banned, avoided = rules
    for code in codes:
        if count == len(taken):
            break
        if not sellable[code] or among(code, taken[:count]) or among(code, banned):
            continue
        if leniency < 2 and among(code, avoided):
            continue
        if leniency == 0 and capped(code, taken[:count], caps):
            continue
        taken[count] = code
        count += 1
    return count


@njit(cache=True, nogil=True)
def among(code, codes: Ints) -> bool:  # noqa: ANN001 (an entry of an int32 array)
    """Whether a few codes hold one."""
    for other in codes:  # noqa: SIM110 (numba compiles no generator)
        if other == code:
            return True
    return False


@njit(cache=True, nogil=True)
def capped(code, taken: Ints, caps) -> bool:  # noqa: ANN001 (as above)
    """Whether what stands on the shelf has used up a cap of the product."""
    kinds, rows, most = caps
    for c in range(len(rows)):
        kind = kinds[rows[c], code]
        used = 0
        for other in taken:
            used += kinds[rows[c], other] == kind
        if kind >= 0 and used >= most[c]:
            return True
    return False
