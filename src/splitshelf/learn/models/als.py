"""ALS: implicit matrix factorisation (Hu, Koren and Volinsky 2008); shoppers are folded in."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray
from scipy import sparse
from threadpoolctl import threadpool_limits

from splitshelf.core.protocols import Rng
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.factors import FactorModel, checked
from splitshelf.learn.matrices import interactions


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the factors are fitted."""

    factors: Annotated[int, Meta(ge=1)] = 64
    alpha: Annotated[float, Meta(gt=0)] = 10.0
    """How much more an act counts than none."""
    regularisation: Annotated[float, Meta(ge=0)] = 0.05
    iterations: Annotated[int, Meta(ge=1)] = 15
    decay: Annotated[float, Meta(ge=0, le=1)] = 0.7
    """What each step back in the activity leaves of an event's confidence."""


def fit(config: Config, dataset: Dataset, rng: Rng) -> FactorModel:
    """The product factors of a dataset, by one thread so that bytes repeat."""
    from implicit.cpu.als import AlternatingLeastSquares  # noqa: PLC0415 (half a second to import)

    seed = int(rng.integers(2**31))
    matrix = sparse.csr_matrix(interactions(dataset))
    with threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(
            factors=config.factors,
            regularization=config.regularisation,
            iterations=config.iterations,
            alpha=config.alpha,
            num_threads=1,
            random_state=seed,
        )
        model.fit(matrix, show_progress=False)
    factors = checked("als", model.item_factors)
    gram = factors.T @ factors + config.regularisation * np.eye(config.factors)
    return _model(factors, gram, msgspec.to_builtins(config))


def restore(arrays: Mapping[str, NDArray[Any]], settings: dict[str, Any]) -> FactorModel:
    """The model that these were made from."""
    return _model(arrays["factors"], arrays["gram"], settings)


def _model(
    factors: NDArray[np.float64], gram: NDArray[np.float64], settings: dict[str, Any]
) -> FactorModel:
    return FactorModel("als", factors, gram, settings["alpha"], settings["decay"], settings)
