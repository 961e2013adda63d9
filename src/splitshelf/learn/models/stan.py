"""STAN: shoppers whose history resembles this one, and what they turned to next."""

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from splitshelf.core.protocols import Rng
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.sequences import SequenceModel, Sequences, Walk, index, walker


class Config(Walk, frozen=True, forbid_unknown_fields=True):
    """Sequences are whole histories of shoppers. Garg et al. 2019, with softer lengths."""

    newest: int = 2_000
    nearest: int = 1_000
    decay: float = 0.6
    rarity: float = 0.5
    shortness: float = 0.2
    reach: float = 6.0
    backward: float = 0.3
    ageing: float = 0.0


def fit(config: Config, dataset: Dataset, rng: Rng) -> SequenceModel:
    """The histories of a dataset, indexed."""
    del rng
    turns = dataset.turns()
    breaks = np.zeros(len(turns.products) + 1, dtype=np.bool_)
    breaks[turns.offsets[:-1]] = True
    return walker("stan", index(turns, breaks[:-1], dataset.n_products, config.newest), config)


def restore(arrays: Mapping[str, NDArray[Any]], settings: dict[str, Any]) -> SequenceModel:
    """The model that these were made from."""
    return walker("stan", Sequences(**arrays), msgspec.convert(settings, Config))
