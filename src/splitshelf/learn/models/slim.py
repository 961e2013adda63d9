"""SLIM: sparse, non-negative item-to-item weights by elastic net (Ning and Karypis 2011)."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numba import njit
from numpy.typing import NDArray
from scipy import sparse

from splitshelf.core.arrays import Bools, Ints
from splitshelf.core.protocols import Rng
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.matrices import Matrix, interactions, popular_products, rows_of
from splitshelf.learn.neighbours import NeighbourModel, Neighbours

_ROOM = 8
"""So many times `pairs` are read before most of them are left out as unpopular."""


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the net is cast."""

    l1: Annotated[float, Meta(ge=0)] = 1.0
    """Drives weights to zero."""
    l2: Annotated[float, Meta(ge=0)] = 5.0
    """Keeps weights small."""
    candidates: Annotated[int, Meta(ge=1)] = 100
    """The products by cosine that may explain one product."""
    sweeps: Annotated[int, Meta(ge=1)] = 10
    """Of the coordinate descent."""
    longest: Annotated[int, Meta(ge=2)] = 200
    """Shoppers of more products than this are left out."""
    most: Annotated[int, Meta(ge=1)] = 20_000
    """Only so many products, the most popular, take part."""
    pairs: Annotated[int, Meta(ge=1)] = 20_000_000
    """About how many pairs are counted at most: of a larger log every k-th shopper is read."""
    work: Annotated[int, Meta(ge=1)] = 500_000_000
    """About how many counts are looked at: in a larger shop only the most popular products are
    explained, each by any of the `most`; it is about a second's worth."""
    neighbours: Annotated[int, Meta(ge=1)] = 100
    """How many weights are kept for each product."""
    decay: Annotated[float, Meta(ge=0, le=1)] = 0.55
    """What each step back in the activity leaves of an event's strength."""


def fit(config: Config, dataset: Dataset, rng: Rng) -> NeighbourModel:
    """The weights of a dataset: for each product j those of min |x_j - X w|^2 / 2 + penalties.

    The penalties are l2 |w|^2 / 2 + l1 |w|, with w >= 0 and w_j = 0.
    """
    del rng
    matrix = interactions(_thinned(config, dataset))
    chosen = sample(config, matrix, popular_products(dataset, config.most))
    gram = sparse.csr_array(chosen.T @ chosen)
    gram.sort_indices()
    starts, products, weights = _descend(
        gram.indptr.astype(np.int64),
        gram.indices.astype(np.int32),
        gram.data.astype(np.float64),
        config.candidates,
        (config.l1, config.l2, config.sweeps),
        explained_products(config, gram),
    )
    n = dataset.n_products
    by_target = sparse.csr_array((weights, products, starts), shape=(n, n))
    rows = rows_of(sparse.csr_array(by_target.T), config.neighbours)
    return NeighbourModel("slim", rows, config.decay, msgspec.to_builtins(config))


def restore(arrays: Mapping[str, NDArray[Any]], settings: dict[str, Any]) -> NeighbourModel:
    """The model that these were made from."""
    return NeighbourModel("slim", Neighbours.restore(arrays), settings["decay"], settings)


def _thinned(config: Config, dataset: Dataset) -> Dataset:
    """Every k-th shopper where the histories of all hold many times `pairs`: `sample` thins what
    is left by what it knows better.
    """  # noqa: D205 (one sentence)
    lengths = np.diff(dataset.offsets)
    pairs = int((np.minimum(lengths, config.longest) ** 2).sum())
    every = pairs // (_ROOM * config.pairs)
    if every <= 1:
        return dataset
    return dataset.select(np.repeat(np.arange(len(lengths)) % every == 0, lengths))


def sample(config: Config, matrix: Matrix, products: Ints) -> Matrix:
    """The interactions that count: of popular products and ordinary shoppers, evenly thinned."""
    wanted = np.zeros(matrix.shape[1], dtype=np.float32)  # pyright: ignore[reportOptionalSubscript] (a matrix has a shape)
    wanted[products] = 1.0
    kept = matrix.copy()
    kept.data *= wanted[kept.indices]
    kept.eliminate_zeros()
    lengths = np.diff(kept.indptr)
    short = np.flatnonzero((lengths > 1) & (lengths <= config.longest))
    pairs = int((lengths[short].astype(np.int64) ** 2).sum())
    return kept[short[:: max(1, -(-pairs // config.pairs))]]


def explained_products(config: Config, gram: Matrix) -> Bools:
    """Whether a product is explained, bool [n]: the most popular that `work` allows.

    Explaining one looks at the rows of its candidates, which are as long as rows are that are met
    by following an entry: sum of lengths^2 / sum of lengths.
    """
    lengths = np.diff(gram.indptr).astype(np.float64)
    each = config.candidates * (lengths**2).sum() / max(lengths.sum(), 1.0)
    count = max(1, int(config.work / max(each, 1.0)))
    order = np.argsort(-np.asarray(gram.diagonal(), dtype=np.float64), kind="stable")
    explained = np.zeros(len(lengths), dtype=np.bool_)
    explained[order[:count]] = True
    return explained


@njit(cache=True, nogil=True)
def _descend(starts, products, counts, limit, settings, explained):  # noqa: ANN001, ANN202, PLR0917 (numba infers)
    """For each product, which others explain it and how much, as rows."""
    n = len(starts) - 1
    sizes = np.zeros(n + 1, dtype=np.int64)
    found = np.empty(n * limit, dtype=np.int32)
    weights = np.empty(n * limit, dtype=np.float64)
    places = np.full(n, -1, dtype=np.int64)
    popularity = _diagonal(starts, products, counts)
    for target in range(n):
        sizes[target + 1] = sizes[target]
        if not explained[target]:
            continue
        row = slice(starts[target], starts[target + 1])
        chosen = _nearest(target, products[row], counts[row], popularity, limit)
        gram, wanted = _block(target, chosen, starts, products, counts, places)
        solution = _solve(gram, wanted, settings)
        size = sizes[target]
        for place in range(len(chosen)):
            if solution[place] > 0.0:
                found[size] = chosen[place]
                weights[size] = solution[place]
                size += 1
        sizes[target + 1] = size
    return sizes, found[: sizes[n]], weights[: sizes[n]]


@njit(cache=True, nogil=True)
def _diagonal(starts, products, counts):  # noqa: ANN001, ANN202 (numba infers)
    diagonal = np.ones(len(starts) - 1)
    for source in range(len(starts) - 1):
        for entry in range(starts[source], starts[source + 1]):
            if products[entry] == source:
                diagonal[source] = counts[entry]
    return diagonal


@njit(cache=True, nogil=True)
def _nearest(target, products, counts, popularity, limit):  # noqa: ANN001, ANN202 (numba infers)
    cosine = counts / np.sqrt(popularity[products])
    cosine[products == target] = 0.0
    order = np.argsort(-cosine)[:limit]
    return products[order[cosine[order] > 0.0]]


@njit(cache=True, nogil=True)
def _block(target, chosen, starts, products, counts, places):  # noqa: ANN001, ANN202, PLR0917 (numba infers; flat for speed)
    """The counts among the chosen, and with the target."""
    size = len(chosen)
    gram = np.zeros((size, size))
    wanted = np.zeros(size)
    for place in range(size):
        places[chosen[place]] = place
    for place in range(size):
        for entry in range(starts[chosen[place]], starts[chosen[place] + 1]):
            other = places[products[entry]]
            if other >= 0:
                gram[place, other] = counts[entry]
            if products[entry] == target:
                wanted[place] = counts[entry]
    for place in range(size):
        places[chosen[place]] = -1
    return gram, wanted


@njit(cache=True, nogil=True)
def _solve(gram, wanted, settings):  # noqa: ANN001, ANN202 (numba infers)
    """Non-negative elastic net by cyclic coordinate descent on the normal equations."""
    l1, l2, sweeps = settings
    weights = np.zeros(len(wanted))
    residual = wanted.copy()
    for _ in range(sweeps):
        largest = 0.0
        for place in range(len(wanted)):
            pull = residual[place] + gram[place, place] * weights[place]
            value = max(0.0, pull - l1) / (gram[place, place] + l2)
            change = value - weights[place]
            if change != 0.0:
                weights[place] = value
                residual -= change * gram[place]
                largest = max(largest, abs(change))
        if largest < 1e-4:
            break
    return weights
