"""The world behind a real log: its products, and its customers with the tastes that they showed."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from splitshelf.core.arrays import Floats, Ints
from splitshelf.core.columns import EventColumns
from splitshelf.core.events import EVENT_CODES, EventType
from splitshelf.core.products import Product
from splitshelf.simulate.people import People, Person, standardised
from splitshelf.simulate.pictures import SHAPES
from splitshelf.simulate.pictures.choice import shape_of
from splitshelf.simulate.world import World, assemble

_BOUGHT = EVENT_CODES[EventType.PURCHASE]
_SHAPES = {name: code for code, name in enumerate(SHAPES)}


def world_of_log(products: Sequence[Product], log: EventColumns, seed: int = 7) -> World:
    """The world of a real shop; families are the shapes that its titles name.

    What sells is liked; what is bought in one order completes each other.
    """
    family = np.array([_SHAPES[shape_of(product)] for product in products], dtype=np.int32)
    place = {product.id: code for code, product in enumerate(products)}
    rows = np.flatnonzero((log.type == _BOUGHT) & (log.product >= 0))
    codes = np.array([place.get(product, -1) for product in log.products], dtype=np.int32)
    bought, orders = codes[log.product[rows]], log.order[rows]
    sold = np.bincount(bought[bought >= 0], minlength=len(products))
    return assemble(
        products,
        lambda product: int(family[place[product.id]]),
        completing(family[bought], orders, len(SHAPES)),
        evening=np.zeros(len(SHAPES)),
        rebuy=np.full(len(SHAPES), 0.3),
        seed=seed,
        appeal=standardised(np.log1p(sold)),
    )


def completing(families: Ints, orders: Ints, count: int) -> Floats:
    """How likely a family is bought together with another, float64 [count, count]; rows sum to 1.

    >>> completing(np.array([0, 1, 2]), np.array([7, 7, 8]), 3).round(2)[0].tolist()
    [0.0, 0.88, 0.13]
    """
    baskets = np.unique(orders, return_inverse=True)[1]
    table = np.zeros((int(baskets.max()) + 1 if len(baskets) else 0, count))
    table[baskets, families] = 1.0
    together = table.T @ table
    np.fill_diagonal(together, 0.0)
    smoothed = together + (together.sum(axis=0) + 1.0) / max(together.sum() + count, 1.0)
    np.fill_diagonal(smoothed, 0.0)
    return smoothed / smoothed.sum(axis=1, keepdims=True)


def customers_of(world: World, log: EventColumns) -> tuple[People, int]:
    """The log's customers, and how many there are; strangers beyond them take after one each.

    A customer likes the families and the products that were bought, and what is popular.
    """
    rows = np.flatnonzero((log.type == _BOUGHT) & (log.product >= 0))
    codes = np.array([world.index.get(product, -1) for product in log.products], dtype=np.int32)
    rows = rows[codes[log.product[rows]] >= 0]
    rows = rows[np.argsort(log.shopper[rows], kind="stable")]
    buyers, starts = np.unique(log.shopper[rows], return_index=True)
    baskets = np.split(codes[log.product[rows]], starts[1:])
    shares = np.bincount(world.family, minlength=world.families) / len(world.products)

    @lru_cache(maxsize=3000)
    def person(number: int) -> Person:
        known = number < len(buyers)
        rng = np.random.default_rng((world.seed, 2, number))
        bought = baskets[number if known else int(rng.integers(len(baskets)))]
        counts = np.bincount(world.family[bought], minlength=world.families)
        families = 0.85 * counts / counts.sum() + 0.15 * shares
        worth = 0.8 * np.log(families[world.family] * world.families + 0.15) + world.appeal
        worth[bought] += 1.0
        return Person(
            id=log.shoppers[int(buyers[number])] if known else f"new-{number:06d}",
            families=families,
            liking=standardised(worth + rng.normal(0, 0.5, len(worth))),
            phone=float(rng.beta(2, 1.5)),
            evening=float(rng.beta(2, 2)),
        )

    return person, len(buyers)
