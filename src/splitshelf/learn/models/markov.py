"""First-order Markov: what directly follows the newest product."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from splitshelf.core.protocols import Rng
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.neighbours import NeighbourModel, Neighbours
from splitshelf.learn.pairs import Pairing, commonest, count_pairs, rows_of_pairs, tally_pairs
from splitshelf.learn.tallies import Gauge, Tally


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How transitions are weighed and kept."""

    source_exponent: Annotated[float, Meta(ge=0, le=1)] = 0.5
    """Divides by the turns of the product left, to this power; 1 is the probability."""
    shrinkage: Annotated[float, Meta(ge=0)] = 1.0
    """Added to that divisor: thin transitions count less."""
    neighbours: Annotated[int, Meta(ge=1)] = 100
    """How many are kept for each product."""


def fit(config: Config, dataset: Dataset, rng: Rng) -> NeighbourModel:
    """The transitions of a dataset: count / (n_source^exponent + shrinkage).

    In a query only the newest product counts.
    """
    del rng
    rows = count_pairs(_pairing(config), dataset.turns(), dataset.n_products)
    return NeighbourModel("markov", rows, 0.0, msgspec.to_builtins(config))


def gauge(config: Config, everybody: Dataset) -> Gauge:
    """How some shoppers are counted among everybody."""
    unit = commonest(everybody.turns())
    return Gauge(config, 1, unit, everybody.until, (everybody.half_life,))


def count(gauge: Gauge, some: Dataset) -> Tally:
    """What some shoppers add to the transitions of everybody."""
    return tally_pairs(_pairing(gauge.config), some.turns(), some.n_products, gauge.unit)


def model(gauge: Gauge, tally: Tally, now: int) -> NeighbourModel:
    """The transitions of a tally."""
    rows = rows_of_pairs(_pairing(gauge.config), tally, float(gauge.scales(now)[0]))
    return NeighbourModel("markov", rows, 0.0, msgspec.to_builtins(gauge.config))


def _pairing(config: Config) -> Pairing:
    return Pairing(
        kernel=np.ones(1),
        backward=0.0,
        longest=100,
        source_exponent=config.source_exponent,
        target_exponent=0.0,
        shrinkage=config.shrinkage,
        neighbours=config.neighbours,
    )


def restore(arrays: Mapping[str, NDArray[Any]], settings: dict[str, Any]) -> NeighbourModel:
    """The model that these were made from."""
    return NeighbourModel("markov", Neighbours.restore(arrays), 0.0, settings)
