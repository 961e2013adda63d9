"""Long-range co-visits: what belongs to the same interest, weeks apart."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from splitshelf.core.protocols import Rng
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.neighbours import NeighbourModel, Neighbours
from splitshelf.learn.pairs import Pairing, count_pairs


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How pairs are counted, weighed and kept."""

    reach: Annotated[int, Meta(ge=1)] = 40
    """How many instants apart a pair may be."""
    pairs: Annotated[int, Meta(ge=1)] = 200_000_000
    """About how many pairs are counted at most: a larger log gets by with a shorter reach."""
    power: Annotated[float, Meta(ge=0)] = 0.8
    """A pair counts 1 / distance to this power."""
    backward: Annotated[float, Meta(ge=0, le=1)] = 0.8
    """What it counts for the way back."""
    exponent: Annotated[float, Meta(ge=0, le=1)] = 0.3
    """Divides by the turns of both products, each to this power."""
    shrinkage: Annotated[float, Meta(ge=0)] = 1.0
    """Added to that divisor."""
    neighbours: Annotated[int, Meta(ge=1)] = 100
    """How many are kept for each product."""
    decay: Annotated[float, Meta(ge=0, le=1)] = 0.85
    """What each step back in the activity leaves of an event's strength."""


def fit(config: Config, dataset: Dataset, rng: Rng) -> NeighbourModel:
    """The long-range co-visits of a dataset: sum of distance^-power / ((n_s n_t)^e + shrinkage)."""
    del rng
    turns = dataset.turns()
    reach = max(1, min(config.reach, config.pairs // max(2 * len(turns.products), 1)))
    pairing = Pairing(
        kernel=np.arange(1.0, reach + 1) ** -config.power,
        backward=config.backward,
        longest=100,
        source_exponent=config.exponent,
        target_exponent=config.exponent,
        shrinkage=config.shrinkage,
        neighbours=config.neighbours,
    )
    rows = count_pairs(pairing, turns, dataset.n_products)
    return NeighbourModel("long_covisits", rows, config.decay, msgspec.to_builtins(config))


def restore(arrays: Mapping[str, NDArray[Any]], settings: dict[str, Any]) -> NeighbourModel:
    """The model that these were made from."""
    return NeighbourModel("long_covisits", Neighbours.restore(arrays), settings["decay"], settings)
