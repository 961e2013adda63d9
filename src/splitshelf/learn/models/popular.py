"""Popular: what everybody turned to, older turns counting less."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from splitshelf.core.clock import DAY
from splitshelf.core.evidence import PartKind
from splitshelf.core.protocols import Rng
from splitshelf.learn.counting import distinct_shoppers
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.static import StaticModel


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How fast popularity fades."""

    half_life: Annotated[float, Meta(gt=0)] = 60.0
    """Days after which a turn counts half."""
    exponent: Annotated[float, Meta(gt=0, le=1)] = 0.5
    """Power of the share of the most popular: the order stays, a blend feels less of the head."""


def fit(config: Config, dataset: Dataset, rng: Rng) -> StaticModel:
    """The popularity of a dataset: (decayed weight / that of the most popular)^exponent."""
    del rng
    turns = dataset.turns()
    age = (dataset.until - turns.times) / (config.half_life * DAY)
    decayed = turns.weights * np.exp2(-age)
    sums = np.bincount(turns.products, weights=decayed, minlength=dataset.n_products)
    scores = (sums / max(float(sums.max(initial=0.0)), 1e-300)) ** config.exponent
    return StaticModel(
        "popular",
        PartKind.POPULARITY,
        scores,
        distinct_shoppers(turns.offsets, turns.products, dataset.n_products),
        msgspec.to_builtins(config),
    )


def restore(arrays: Mapping[str, NDArray[Any]], settings: dict[str, Any]) -> StaticModel:
    """The model that these were made from."""
    return StaticModel(
        "popular", PartKind.POPULARITY, arrays["scores"], arrays["supporters"], settings
    )
