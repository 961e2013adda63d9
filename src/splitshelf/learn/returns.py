"""Returns within a visit: which products shoppers come back to before they leave."""

import numpy as np
from numba import njit

from splitshelf.core.arrays import Floats, Ints
from splitshelf.core.evidence import PartKind
from splitshelf.learn.counting import distinct_shoppers
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.static import StaticModel

PRIOR = 5.0
"""Events of the whole shop that a product's own share is averaged with."""


def returns(dataset: Dataset, *, at_once: bool) -> StaticModel:
    """How often an event is followed by one with its product, in (0, 1) where anybody returns.

    Followed within the same visit, or with `at_once` by the very next event of that visit. The
    share of a product is averaged with `PRIOR` events at the share of all products.
    """
    visits = dataset.shoppers(), dataset.sessions
    came_back = _returned(dataset.products, *visits, np.full(dataset.n_products, -1), at_once)
    counts = np.bincount(dataset.products, minlength=dataset.n_products)
    back = np.bincount(dataset.products, weights=came_back, minlength=dataset.n_products)
    overall = back.sum() / max(len(dataset), 1)
    return StaticModel(
        "returns",
        PartKind.POPULARITY,
        (back + PRIOR * overall) / (counts + PRIOR),
        distinct_shoppers(dataset.offsets, dataset.products, dataset.n_products),
        {"at_once": at_once},
    )


@njit(cache=True, nogil=True)
def _returned(products: Ints, shoppers: Ints, sessions: Ints, later: Ints, at_once: bool) -> Floats:
    """1 for each event that its visit follows with the same product; `later` is all -1."""
    found = np.zeros(len(products))
    for event in range(len(products) - 1, -1, -1):
        next_one = later[products[event]]
        if next_one >= 0 and (next_one == event + 1 or not at_once):
            same = shoppers[next_one] == shoppers[event] and sessions[next_one] == sessions[event]
            found[event] = 1.0 if same else 0.0
        later[products[event]] = event
    return found
