"""Two hops: what is co-visited with products like this one; for products with thin history."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from splitshelf.core.protocols import Rng
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.matrices import matrix_of, rows_of
from splitshelf.learn.neighbours import NeighbourModel, Neighbours
from splitshelf.learn.overlap import Overlap, overlaps, weigh
from splitshelf.learn.pairs import Pairing, count_pairs


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the two hops are weighed and kept."""

    alike: Annotated[int, Meta(ge=1)] = 20
    """How many products of the same attributes the first hop leads to."""
    reach: Annotated[int, Meta(ge=1)] = 3
    """How many instants apart the second hop may be."""
    neighbours: Annotated[int, Meta(ge=1)] = 100
    """How many are kept for each product."""
    decay: Annotated[float, Meta(ge=0, le=1)] = 0.6
    """What each step back in the activity leaves of an event's strength."""


def fit(config: Config, dataset: Dataset, rng: Rng) -> NeighbourModel:
    """The two hops of a dataset: attribute overlap, each row summing to 1, times co-visits."""
    del rng
    overlap = Overlap(length_exponent=0.1, common=2_000, pairs=200_000_000, neighbours=config.alike)
    alike = matrix_of(overlaps(overlap, dataset.features, weigh(dataset.features) ** 2))
    alike.data /= np.repeat(np.maximum(alike.sum(axis=1), 1e-9), np.diff(alike.indptr))
    pairing = Pairing(
        kernel=0.8 ** np.arange(config.reach),
        backward=0.5,
        longest=100,
        source_exponent=0.4,
        target_exponent=0.1,
        shrinkage=1.0,
        neighbours=50,
    )
    together = matrix_of(count_pairs(pairing, dataset.turns(), dataset.n_products))
    rows = rows_of(alike @ together, config.neighbours)
    return NeighbourModel("two_hop", rows, config.decay, msgspec.to_builtins(config))


def restore(arrays: Mapping[str, NDArray[Any]], settings: dict[str, Any]) -> NeighbourModel:
    """The model that these were made from."""
    return NeighbourModel("two_hop", Neighbours.restore(arrays), settings["decay"], settings)
