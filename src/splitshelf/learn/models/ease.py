"""EASE: the linear item-to-item model in closed form (Steck 2019, equation 8), kept sparse."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray
from scipy import linalg, sparse

from splitshelf.core.protocols import Rng
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.matrices import interactions, popular_products, rows_of
from splitshelf.learn.neighbours import NeighbourModel, Neighbours


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the model is regularised and kept."""

    ridge: Annotated[float, Meta(gt=0)] = 300.0
    """The L2 penalty."""
    most: Annotated[int, Meta(ge=1)] = 5_000
    """Only so many products, the most popular, take part: time grows with the cube, memory with
    the square (5,000: some seconds, 0.4 GB)."""
    neighbours: Annotated[int, Meta(ge=1)] = 300
    """How many weights are kept for each product, the largest by size."""
    decay: Annotated[float, Meta(ge=0, le=1)] = 0.5
    """What each step back in the activity leaves of an event's strength."""


def fit(config: Config, dataset: Dataset, rng: Rng) -> NeighbourModel:
    """The weights of a dataset: B = -P / diag(P), P = (X'X + ridge I)^-1."""
    del rng
    chosen = popular_products(dataset, config.most)
    matrix = interactions(dataset)[:, chosen]
    gram = (matrix.T @ matrix).toarray().astype(np.float64)
    gram[np.diag_indices_from(gram)] += config.ridge
    inverse = linalg.inv(gram, overwrite_a=True) if len(chosen) else gram
    weights = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    rows = rows_of(_spread(weights, chosen, dataset.n_products), config.neighbours)
    return NeighbourModel("ease", rows, config.decay, msgspec.to_builtins(config))


def restore(arrays: Mapping[str, NDArray[Any]], settings: dict[str, Any]) -> NeighbourModel:
    """The model that these were made from."""
    return NeighbourModel("ease", Neighbours.restore(arrays), settings["decay"], settings)


def _spread(weights: NDArray[np.float64], chosen: NDArray[Any], n: int) -> sparse.csr_array:
    """The weights of the chosen products in a matrix over all."""
    size = len(chosen)
    starts = np.zeros(n + 1, dtype=np.int64)
    starts[chosen + 1] = size
    columns = np.tile(chosen, size)
    return sparse.csr_array((weights.ravel(), columns, np.cumsum(starts)), shape=(n, n))
