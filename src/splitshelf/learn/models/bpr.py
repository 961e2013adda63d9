"""BPR: factors that rank what shoppers took above what they did not (Rendle et al. 2009)."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray
from scipy import sparse

from splitshelf.core.protocols import Rng
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.factors import FactorModel, checked
from splitshelf.learn.matrices import interactions


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the factors are fitted."""

    factors: Annotated[int, Meta(ge=1)] = 64
    learning_rate: Annotated[float, Meta(gt=0)] = 0.05
    regularisation: Annotated[float, Meta(ge=0)] = 0.01
    iterations: Annotated[int, Meta(ge=1)] = 100
    decay: Annotated[float, Meta(ge=0, le=1)] = 0.7
    """What each step back in the activity leaves of an event's strength."""


def fit(config: Config, dataset: Dataset, rng: Rng) -> FactorModel:
    """The product factors of a dataset, by one thread so that bytes repeat.

    A shopper's vector is the sum of the vectors of what they did, so the score is a sum of events;
    the bias of popularity that the training learned is left to other models.
    """
    from implicit.cpu.bpr import (  # noqa: PLC0415 (half a second to import)
        BayesianPersonalizedRanking,
    )

    seed = int(rng.integers(2**31))
    model = BayesianPersonalizedRanking(
        factors=config.factors,
        learning_rate=config.learning_rate,
        regularization=config.regularisation,
        iterations=config.iterations,
        num_threads=1,
        random_state=seed,
    )
    model.fit(sparse.csr_matrix(interactions(dataset)), show_progress=False)
    factors = checked("bpr", model.item_factors)[:, : config.factors]
    return _model(np.ascontiguousarray(factors), msgspec.to_builtins(config))


def restore(arrays: Mapping[str, NDArray[Any]], settings: dict[str, Any]) -> FactorModel:
    """The model that these were made from."""
    return _model(arrays["factors"], settings)


def _model(factors: NDArray[np.float64], settings: dict[str, Any]) -> FactorModel:
    return FactorModel("bpr", factors, np.empty((0, 0)), 0.0, settings["decay"], settings)
