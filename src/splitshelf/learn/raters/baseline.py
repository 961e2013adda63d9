"""Baseline: who is strict and what is good, by ridge means in turn (Koren 2010, section 2.1)."""

from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from splitshelf.core.arrays import Floats, Ints
from splitshelf.core.protocols import Rng
from splitshelf.learn.dataset.ratings import Ratings
from splitshelf.learn.raters.rater import Rater


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How biases are held back."""

    product_prior: Annotated[float, Meta(ge=0)] = 10.0
    """So many ratings without bias are added to each product's."""
    shopper_prior: Annotated[float, Meta(ge=0)] = 15.0
    """The same for a shopper."""
    rounds: Annotated[int, Meta(ge=1)] = 10
    """Of taking turns."""


def fit(config: Config, ratings: Ratings, rng: Rng) -> Rater:
    """The biases of some ratings."""
    del rng
    everybody = float(ratings.values.mean()) if len(ratings) else 0.0
    rest = ratings.values - everybody
    strict, good = np.zeros(ratings.n_shoppers), np.zeros(ratings.n_products)
    for _ in range(config.rounds):
        good = _held(rest - strict[ratings.shoppers], ratings.products, good, config.product_prior)
        strict = _held(
            rest - good[ratings.products], ratings.shoppers, strict, config.shopper_prior
        )
    return Rater(
        everybody + strict,
        good,
        np.zeros((ratings.n_shoppers, 0)),
        np.zeros((ratings.n_products, 0)),
        msgspec.to_builtins(config),
    )


def _held(rest: Floats, owners: Ints, like: Floats, prior: float) -> Floats:
    """Each owner's sum over its count plus the prior."""
    sums = np.bincount(owners, weights=rest, minlength=len(like))
    return sums / np.maximum(np.bincount(owners, minlength=len(like)) + prior, 1e-12)
