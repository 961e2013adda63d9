"""SVD: biases and factors by stochastic gradient descent (Koren, Bell and Volinsky 2009)."""

from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta
from numba import njit

from splitshelf.core.protocols import Rng
from splitshelf.learn.dataset.ratings import Ratings, shopper_mean
from splitshelf.learn.raters.rater import Rater


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the factors are fitted."""

    factors: Annotated[int, Meta(ge=1)] = 32
    epochs: Annotated[int, Meta(ge=1)] = 30
    learning_rate: Annotated[float, Meta(gt=0)] = 0.01
    regularisation: Annotated[float, Meta(ge=0)] = 0.05
    spread: Annotated[float, Meta(gt=0)] = 0.1
    """Standard deviation of the factors at the start."""
    prior: Annotated[float, Meta(ge=0)] = 5.0
    """Of the step `shopper_mean` that comes first, see `dataset.ratings`."""


def fit(config: Config, ratings: Ratings, rng: Rng) -> Rater:
    """The factors of what is left of the ratings once each shopper's mean is taken away.

    Raises FloatingPointError where the descent lost itself.
    """
    rest, means = shopper_mean(ratings, config.prior)
    shape = (ratings.n_shoppers + ratings.n_products, config.factors)
    factors = rng.normal(scale=config.spread, size=shape)
    shoppers, products = factors[: ratings.n_shoppers], factors[ratings.n_shoppers :]
    biases = (np.zeros(ratings.n_shoppers), np.zeros(ratings.n_products))
    steps = (config.learning_rate, config.regularisation)
    for _ in range(config.epochs):
        order = rng.permutation(len(rest))
        _descend(order, (rest.shoppers, rest.products, rest.values), biases, factors, steps)
    if not np.isfinite(factors).all():
        raise FloatingPointError("svd: NaN or infinity in the factors; learn more slowly.")
    # who never rated has no taste to go by, and what nobody rated no character
    shoppers[np.bincount(ratings.shoppers, minlength=ratings.n_shoppers) == 0] = 0.0
    products[np.bincount(ratings.products, minlength=ratings.n_products) == 0] = 0.0
    settings = msgspec.to_builtins(config)
    return Rater(means + biases[0], biases[1], shoppers.copy(), products.copy(), settings)


@njit(cache=True, nogil=True)
def _descend(order, rated, biases, factors, steps):  # noqa: ANN001, ANN202 (numba infers)
    shoppers, products, values = rated
    of_shopper, of_product = biases
    rate, ridge = steps
    for row in order:
        shopper, product = shoppers[row], products[row]
        left, right = factors[shopper], factors[len(of_shopper) + product]
        expected = of_shopper[shopper] + of_product[product]
        for factor in range(len(left)):
            expected += left[factor] * right[factor]
        miss = values[row] - expected
        of_shopper[shopper] += rate * (miss - ridge * of_shopper[shopper])
        of_product[product] += rate * (miss - ridge * of_product[product])
        for factor in range(len(left)):
            old = left[factor]
            left[factor] += rate * (miss * right[factor] - ridge * old)
            right[factor] += rate * (miss * old - ridge * right[factor])
