"""The shoppers: each has tastes that only the world knows."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np

from splitshelf.core.arrays import Floats
from splitshelf.simulate.world import World


@dataclass(frozen=True, slots=True)
class Person:
    """One shopper; F families, n products."""

    id: str
    families: Floats
    """float64 [F]: sums to 1; how often a visit is about each family."""
    liking: Floats
    """float64 [n]: how much each product is liked; mean 0, deviation 1 over the catalogue."""
    phone: float
    """The chance that a visit is by phone."""
    evening: float
    """The chance that a visit is after six."""


People: TypeAlias = Callable[[int], Person]
"""The shopper of a number, the same at every call; numbers have no end."""


def people_of(world: World) -> People:
    """Shoppers with drawn tastes: a few families, some makers, a style, a purse."""
    kinds = (int(world.brand.max()) + 1, int(world.style.max()) + 1)
    shares = np.array([len(inside) for inside in world.members]) / len(world.products)

    @lru_cache(maxsize=3000)
    def person(number: int) -> Person:
        rng = np.random.default_rng((world.seed, 2, number))
        families = drawn_families(shares, world, rng)
        brands, styles = rng.normal(0, 0.7, kinds[0]), rng.normal(0, 0.7, kinds[1])
        thrift = rng.gamma(4.0, 0.2)
        worth = np.log(families[world.family] * world.families + 0.15) * 0.95
        worth += brands[world.brand] + styles[world.style] + world.appeal
        return Person(
            id=f"s{number:05d}",
            families=families,
            liking=standardised(worth - thrift * world.dearness),
            phone=float(rng.beta(2, 1.5)),
            evening=float(rng.beta(2, 2)),
        )

    return person


def drawn_families(shares: Floats, world: World, rng: np.random.Generator) -> Floats:
    """A taste for few families, and some for what completes them."""
    own = rng.dirichlet(np.maximum(shares, 1e-3) * 6)
    near = own @ world.partners
    return 0.62 * own + 0.28 * near / max(near.sum(), 1e-12) + 0.10 * shares


def standardised(values: Floats) -> Floats:
    """The values with mean 0 and deviation 1."""
    return (values - values.mean()) / max(float(values.std()), 1e-9)
