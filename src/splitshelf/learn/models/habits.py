"""Habits: shoppers buy again what they bought, the more often and the later the likelier."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from splitshelf.core.protocols import Rng
from splitshelf.learn.counting import distinct_shoppers
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.neighbours import NeighbourModel, Neighbours


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How fast an act fades, and how much the product's own nature counts."""

    decay: Annotated[float, Meta(ge=0, le=1)] = 0.98
    """What each other product that the shopper turned to later leaves of an act; 1 counts only
    how often."""
    nature: Annotated[float, Meta(ge=0)] = 0.5
    """Power of the share of the product's acts that are repeats; 0 leaves it out."""
    prior: Annotated[float, Meta(gt=0)] = 10.0
    """So many acts at the mean share are added to each product's."""


def fit(config: Config, dataset: Dataset, rng: Rng) -> NeighbourModel:
    """Each product as its own neighbour, weighed by how often people come back to it."""
    del rng
    turns = dataset.turns()
    acts = np.bincount(turns.products, minlength=dataset.n_products)
    again = acts - distinct_shoppers(turns.offsets, turns.products, dataset.n_products)
    mean = (again.sum() + 1) / (acts.sum() + 2)
    share = (again + config.prior * mean) / (acts + config.prior)
    every = np.arange(dataset.n_products + 1, dtype=np.int64)
    rows = Neighbours(
        every,
        every[:-1].astype(np.int32),
        (share**config.nature).astype(np.float32),
        np.empty(0, dtype=np.int32),
    )
    return NeighbourModel("habits", rows, config.decay, msgspec.to_builtins(config))


def restore(arrays: Mapping[str, NDArray[Any]], settings: dict[str, Any]) -> NeighbourModel:
    """The model that these were made from."""
    return NeighbourModel("habits", Neighbours.restore(arrays), settings["decay"], settings)
