"""Item-to-item cosine: products that the same shoppers liked, whatever the order."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from splitshelf.core.arrays import Ints
from splitshelf.core.protocols import Rng
from splitshelf.learn.cooccurrence import Sharing, affordable, count_shared, tally_shared
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.matrices import Matrix, interactions, rows_of
from splitshelf.learn.neighbours import NeighbourModel, Neighbours
from splitshelf.learn.similarities import similarities
from splitshelf.learn.tallies import Gauge, Tally, best_rows


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How similarity is normalised and kept."""

    popularity_exponent: Annotated[float, Meta(ge=0, le=1)] = 0.3
    """Divides by the shoppers of both products, each to this power; 0.5 is the cosine."""
    measure: Literal["power", "count", "jaccard", "lift"] = "power"
    """power: the quotient above; the others: see `learn.similarities`, for small shops, since they
    hold the counts of all pairs at once."""
    fewest: Annotated[int, Meta(ge=1)] = 1
    """Pairs with fewer common shoppers count nothing; for the measures of `learn.similarities`."""
    shrinkage: Annotated[float, Meta(ge=0)] = 1.0
    """Added to that divisor: thin pairs count less."""
    longest: Annotated[int, Meta(ge=2)] = 200
    """The newest turns of a shopper that count, so that robots do not rule."""
    pairs: Annotated[int, Meta(ge=1)] = 100_000_000
    """About how many pairs are counted at most: a larger log gets by with shorter histories."""
    neighbours: Annotated[int, Meta(ge=1)] = 100
    """How many are kept for each product."""
    decay: Annotated[float, Meta(ge=0, le=1)] = 0.6
    """What each step back in the activity leaves of an event's strength."""


def fit(config: Config, dataset: Dataset, rng: Rng) -> NeighbourModel:
    """The similarities of a dataset: common shoppers / ((n_i n_j)^exponent + shrinkage)."""
    del rng
    if config.measure != "power":
        alike, common = similarities(interactions(dataset), config.measure, config.fewest)
        rows = rows_of(alike, config.neighbours)
        supporters = replace(rows, supporters=counted(common, rows))
        return NeighbourModel("item_knn", supporters, config.decay, msgspec.to_builtins(config))
    rows = count_shared(_sharing(config), dataset.turns(), dataset.n_products)
    return NeighbourModel("item_knn", rows, config.decay, msgspec.to_builtins(config))


def gauge(config: Config, everybody: Dataset) -> Gauge:
    """How some shoppers are counted among everybody."""
    longest = affordable(np.diff(everybody.turns().offsets), _sharing(config))
    return Gauge(config, longest, 1.0, everybody.until, (math.inf,))


def count(gauge: Gauge, some: Dataset) -> Tally:
    """What some shoppers add to the common shoppers of everybody."""
    return tally_shared(_sharing(gauge.config), some.turns(), some.n_products, gauge.bound)


def model(gauge: Gauge, tally: Tally, now: int) -> NeighbourModel:
    """The similarities of a tally, of the measure "power"; common shoppers do not fade."""
    del now
    config = gauge.config
    exponents = (config.popularity_exponent, config.popularity_exponent)
    rows = best_rows(tally, exponents, config.shrinkage, config.neighbours)
    return NeighbourModel("item_knn", rows, config.decay, msgspec.to_builtins(config))


def _sharing(config: Config) -> Sharing:
    return Sharing(
        source_exponent=config.popularity_exponent,
        target_exponent=config.popularity_exponent,
        shrinkage=config.shrinkage,
        length_exponent=0.0,
        longest=config.longest,
        pairs=config.pairs,
        neighbours=config.neighbours,
    )


def counted(common: Matrix, rows: Neighbours) -> Ints:
    """The common shoppers of each kept pair, int32."""
    sources = np.repeat(np.arange(len(rows.offsets) - 1), np.diff(rows.offsets))
    return np.asarray(common[sources, rows.products], dtype=np.int32).ravel()


def restore(arrays: Mapping[str, NDArray[Any]], settings: dict[str, Any]) -> NeighbourModel:
    """The model that these were made from."""
    return NeighbourModel("item_knn", Neighbours.restore(arrays), settings["decay"], settings)
