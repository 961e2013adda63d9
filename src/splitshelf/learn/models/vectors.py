"""Vectors: co-visits drawn together to few directions, so that thin pairs borrow from others."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray
from scipy import sparse
from threadpoolctl import threadpool_limits

from splitshelf.core.arrays import Floats
from splitshelf.core.protocols import Rng
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.factors import FactorModel, checked
from splitshelf.learn.matrices import Matrix, matrix_of
from splitshelf.learn.pairs import Pairing, count_pairs

_SPARE = 16
"""Directions beyond those kept, which make the search for them exact enough."""


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is drawn together, and how the shopper's direction is found."""

    width: Annotated[int, Meta(ge=1)] = 64
    """Numbers of a vector."""
    reach: Annotated[int, Meta(ge=1)] = 40
    """How many instants apart a pair may be; it counts 1 / distance^.8, backward a bit less."""
    pairs: Annotated[int, Meta(ge=1)] = 100_000_000
    """About how many pairs are counted at most: a larger log gets by with a shorter reach."""
    neighbours: Annotated[int, Meta(ge=1)] = 400
    """How many pairs of each product take part."""
    rounds: Annotated[int, Meta(ge=1)] = 4
    """Of the search for the directions."""
    decay: Annotated[float, Meta(ge=0, le=1)] = 0.7
    """What each step back in the activity leaves of an event's strength."""


def fit(config: Config, dataset: Dataset, rng: Rng) -> FactorModel:
    """The leading eigenvectors of log(1 + c / sqrt(share_i share_j)), at length one.

    c are the co-visits of a pair and shares those of all: a smoothed log-lift, as word vectors
    factorise it (Levy and Goldberg 2014). Found by randomised subspace iteration (Halko et al.
    2011).
    """
    turns = dataset.turns()
    reach = max(1, min(config.reach, config.pairs // max(2 * len(turns.products), 1)))
    pairing = Pairing(
        kernel=np.arange(1.0, reach + 1) ** -0.8,
        backward=0.8,
        longest=100,
        source_exponent=0.0,
        target_exponent=0.0,
        shrinkage=0.0,
        neighbours=config.neighbours,
    )
    n = dataset.n_products
    lifts = _lifts(matrix_of(count_pairs(pairing, turns, n)))
    with threadpool_limits(1, "blas"):  # so that bytes repeat
        vectors = _leading(lifts, n, config, rng)
    lengths = np.sqrt((vectors**2).sum(axis=1, keepdims=True))
    return _model(
        checked("vectors", vectors / np.maximum(lengths, 1e-9)), msgspec.to_builtins(config)
    )


def restore(arrays: Mapping[str, NDArray[Any]], settings: dict[str, Any]) -> FactorModel:
    """The model that these were made from."""
    return _model(arrays["factors"], settings)


def _model(factors: Floats, settings: dict[str, Any]) -> FactorModel:
    return FactorModel("vectors", factors, np.empty((0, 0)), 1.0, settings["decay"], settings)


def _lifts(pairs: Matrix) -> Matrix:
    both = sparse.coo_array(pairs + pairs.T)
    sums = np.asarray(both.sum(axis=1), dtype=np.float64).ravel()
    rows, columns = both.coords
    expected = np.sqrt(sums[rows] * sums[columns] / max(float(sums.sum()), 1e-9))
    values = np.log1p(both.data / np.maximum(expected, 1e-9)).astype(np.float32)
    return sparse.csr_array((values, (rows, columns)), shape=pairs.shape)


def _leading(lifts: Matrix, n: int, config: Config, rng: Rng) -> Floats:
    width = min(config.width, n)
    basis = rng.standard_normal((n, min(width + _SPARE, n))).astype(np.float32)
    for _ in range(config.rounds):
        basis, _ = np.linalg.qr(lifts @ basis)
    values, turned = np.linalg.eigh((basis.T @ (lifts @ basis)).astype(np.float64))
    kept = np.argsort(-values)[:width]
    spread = np.sqrt(np.maximum(values[kept], 0.0))
    return np.asarray((basis @ turned[:, kept]) * spread, dtype=np.float64)
