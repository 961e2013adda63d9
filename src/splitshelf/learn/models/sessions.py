"""Session neighbours: visits that resemble this one, and what they held near the same products."""

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from splitshelf.core.protocols import Rng
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.sequences import SequenceModel, Sequences, Walk, index, walker


class Config(Walk, frozen=True, forbid_unknown_fields=True):
    """Sequences are single visits. Kersbergen et al. 2022 (VMIS-kNN)."""

    newest: int = 1_500
    nearest: int = 100_000
    decay: float = 0.5
    rarity: float = 1.0
    shortness: float = 0.5
    reach: float = 12.0
    backward: float = 1.0
    ageing: float = 1.0


def fit(config: Config, dataset: Dataset, rng: Rng) -> SequenceModel:
    """The visits of a dataset, indexed."""
    del rng
    turns = dataset.turns()
    breaks = np.ones(len(turns.products), dtype=np.bool_)
    breaks[1:] = turns.sessions[1:] != turns.sessions[:-1]
    return walker("sessions", index(turns, breaks, dataset.n_products, config.newest), config)


def restore(arrays: Mapping[str, NDArray[Any]], settings: dict[str, Any]) -> SequenceModel:
    """The model that these were made from."""
    return walker("sessions", Sequences(**arrays), msgspec.convert(settings, Config))
