"""Trending: what gets more turns lately than it used to."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from splitshelf.core.arrays import Floats
from splitshelf.core.clock import DAY
from splitshelf.core.evidence import PartKind
from splitshelf.core.protocols import Rng
from splitshelf.learn.counting import distinct_shoppers
from splitshelf.learn.dataset.dataset import Dataset, Turns
from splitshelf.learn.static import StaticModel


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What lately means."""

    lately: Annotated[float, Meta(gt=0)] = 3.0
    """Half-life in days of what counts as now."""
    usually: Annotated[float, Meta(gt=0)] = 30.0
    """Half-life in days of what it is compared with; longer than `lately`."""
    prior: Annotated[float, Meta(gt=0)] = 5.0
    """Turns that every product is given in both, so that one lucky turn is no trend."""


def fit(config: Config, dataset: Dataset, rng: Rng) -> StaticModel:
    """The trends of a dataset: max(0, z), z = (now - expected) / sqrt(expected).

    Expected is the share of the long half-life times all that counts as now.
    """
    del rng
    turns = dataset.turns()
    now = _decayed(turns, dataset, config.lately) + config.prior
    usual = _decayed(turns, dataset, config.usually) + config.prior
    expected = usual * now.sum() / max(float(usual.sum()), 1e-300)
    scores = np.maximum(now - expected, 0.0) / np.sqrt(np.maximum(expected, 1e-300))
    supporters = distinct_shoppers(turns.offsets, turns.products, dataset.n_products)
    settings = msgspec.to_builtins(config)
    return StaticModel("trending", PartKind.TREND, scores, supporters, settings)


def restore(arrays: Mapping[str, NDArray[Any]], settings: dict[str, Any]) -> StaticModel:
    """The model that these were made from."""
    return StaticModel("trending", PartKind.TREND, arrays["scores"], arrays["supporters"], settings)


def _decayed(turns: Turns, dataset: Dataset, half_life: float) -> Floats:
    age = (dataset.until - turns.times) / (half_life * DAY)
    sums = np.bincount(turns.products, weights=np.exp2(-age), minlength=dataset.n_products)
    return sums.astype(np.float64)
