"""Mean: what a shopper gives on average, whatever the product; the bar for all others."""

from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from splitshelf.core.protocols import Rng
from splitshelf.learn.dataset.ratings import Ratings, shopper_mean
from splitshelf.learn.raters.rater import Rater


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far a shopper's own mean is believed."""

    prior: Annotated[float, Meta(ge=0)] = 5.0
    """So many ratings at everybody's mean are added to each shopper's."""


def fit(config: Config, ratings: Ratings, rng: Rng) -> Rater:
    """The means of some ratings."""
    del rng
    _, means = shopper_mean(ratings, config.prior)
    return Rater(
        means,
        np.zeros(ratings.n_products),
        np.zeros((ratings.n_shoppers, 0)),
        np.zeros((ratings.n_products, 0)),
        msgspec.to_builtins(config),
    )
