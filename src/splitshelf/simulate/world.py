"""The world that shoppers live in: what products have in common, and what completes what."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from splitshelf.core.arrays import Floats, Ints
from splitshelf.core.products import Product
from splitshelf.simulate.goods.families import FAMILIES

_EVENING = frozenset({"Play", "Paper", "Skin & Scent", "Tea & Coffee", "Living"})


@dataclass(frozen=True, slots=True)
class World:
    """The products as a shopper feels them; F families, n products."""

    products: Sequence[Product]
    index: Mapping[str, int]
    """The place of a product's id in `products`."""
    family: Ints
    """int32 [n]: the leaf of its category."""
    brand: Ints
    style: Ints
    price: Floats
    """float64 [n]."""
    dearness: Floats
    """float64 [n]: log price against the mean of its family; 0 is usual."""
    appeal: Floats
    """float64 [n]: how good it is, which no model is told."""
    members: Sequence[Ints]
    """For each family, its products."""
    partners: Floats
    """float64 [F, F]: rows sum to 1; how likely the second family completes the first."""
    evening: Floats
    """float64 [F]: how much more a family is liked after six."""
    rebuy: Floats
    """float64 [F]: how readily the same product is bought again."""
    seed: int

    @property
    def families(self) -> int:
        """How many families there are."""
        return len(self.members)


def world_of(products: Sequence[Product], seed: int = 7) -> World:
    """The world of the generated shop: `goes_with` and `rebuy` as its families say."""
    rows = {(row.department, row.name): row for row in FAMILIES}
    place = {row.name: code for code, row in enumerate(FAMILIES)}
    partners = np.zeros((len(FAMILIES), len(FAMILIES)))
    for code, row in enumerate(FAMILIES):
        partners[code, [place[name] for name in row.goes_with]] = 1 / len(row.goes_with)
    return assemble(
        products,
        lambda product: place[rows[product.category[0], product.category[1]].name],
        partners,
        evening=np.array([0.8 if row.department in _EVENING else -0.2 for row in FAMILIES]),
        rebuy=np.array([row.rebuy for row in FAMILIES]),
        seed=seed,
    )


def assemble(
    products: Sequence[Product],
    family_of: Callable[[Product], int],
    partners: Floats,
    *,
    evening: Floats,
    rebuy: Floats,
    seed: int,
    appeal: Floats | None = None,
) -> World:
    """A world from its parts; `appeal` is drawn where not given."""
    family = np.array([family_of(product) for product in products], dtype=np.int32)
    price = np.array([float(product.price or 0) for product in products])
    drawn = np.random.default_rng((seed, 1)).normal(0, 0.45, len(products))
    members = [np.flatnonzero(family == code).astype(np.int32) for code in range(len(partners))]
    return World(
        products=products,
        index={product.id: place for place, product in enumerate(products)},
        family=family,
        brand=_codes([product.brand or "" for product in products]),
        style=_codes([product.attributes.get("style", "") for product in products]),
        price=price,
        dearness=_dearness(price, members),
        appeal=drawn if appeal is None else appeal,
        members=members,
        partners=partners,
        evening=evening,
        rebuy=rebuy,
        seed=seed,
    )


def _codes(names: Sequence[str]) -> Ints:
    return np.unique(names, return_inverse=True)[1].astype(np.int32)


def _dearness(price: Floats, members: Sequence[Ints]) -> Floats:
    logs = np.log(np.maximum(price, 0.01))
    dearness = np.zeros(len(price))
    for inside in members:
        if len(inside):
            dearness[inside] = logs[inside] - logs[inside].mean()
    return dearness
