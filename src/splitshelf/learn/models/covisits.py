"""Co-visits: what shoppers turned to soon after (or before) a product, weighted by distance."""

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

Share = Annotated[float, Meta(ge=0, le=1)]
Positive = Annotated[int, Meta(ge=1)]


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How pairs are counted, weighed and kept."""

    reach: Positive = 10
    """How many instants apart a pair may be; the lines of an order share one."""
    longest: Positive = 100
    """How many turns apart at most, so that huge orders do not rule."""
    pairs: Positive = 100_000_000
    """About how many pairs are counted at most: a larger log gets by with a shorter reach."""
    distance_decay: Share = 0.9
    """The weight of a pair is this to the power of (distance - 1); 1 within an order."""
    backward: Share = 0.3
    """What a pair counts for the way back, from the later product to the earlier."""
    source_exponent: Share = 0.4
    """Divides by the turns of the product turned from, to this power."""
    target_exponent: Share = 0.05
    """Divides by the turns of the product turned to, to this power."""
    shrinkage: Annotated[float, Meta(ge=0)] = 1.0
    """Added to that divisor: thin pairs count less."""
    neighbours: Positive = 100
    """How many are kept for each product."""
    decay: Share = 0.52
    """What each step back in the activity leaves of an event's strength."""


def fit(config: Config, dataset: Dataset, rng: Rng) -> NeighbourModel:
    """The co-visits of a dataset; its weight of a pair is count / (n_s^a n_t^b + shrinkage)."""
    del rng
    pairing = _pairing(config, _reach(config, dataset))
    return _model(config, count_pairs(pairing, dataset.turns(), dataset.n_products))


def gauge(config: Config, everybody: Dataset) -> Gauge:
    """How some shoppers are counted among everybody."""
    unit = commonest(everybody.turns())
    reach, until = _reach(config, everybody), everybody.until
    return Gauge(config, reach, unit, until, (everybody.half_life,))


def count(gauge: Gauge, some: Dataset) -> Tally:
    """What some shoppers add to the co-visits of everybody."""
    pairing = _pairing(gauge.config, gauge.bound)
    return tally_pairs(pairing, some.turns(), some.n_products, gauge.unit)


def model(gauge: Gauge, tally: Tally, now: int) -> NeighbourModel:
    """The co-visits of a tally."""
    pairing = _pairing(gauge.config, gauge.bound)
    return _model(gauge.config, rows_of_pairs(pairing, tally, float(gauge.scales(now)[0])))


def _model(config: Config, rows: Neighbours) -> NeighbourModel:
    return NeighbourModel("covisits", rows, config.decay, msgspec.to_builtins(config))


def _reach(config: Config, everybody: Dataset) -> int:
    turns = len(everybody.turns().products)
    return max(1, min(config.reach, config.pairs // max(2 * turns, 1)))


def _pairing(config: Config, reach: int) -> Pairing:
    return Pairing(
        kernel=config.distance_decay ** np.arange(reach),
        backward=config.backward,
        longest=config.longest,
        source_exponent=config.source_exponent,
        target_exponent=config.target_exponent,
        shrinkage=config.shrinkage,
        neighbours=config.neighbours,
    )


def restore(arrays: Mapping[str, NDArray[Any]], settings: dict[str, Any]) -> NeighbourModel:
    """The model that these were made from."""
    return NeighbourModel("covisits", Neighbours.restore(arrays), settings["decay"], settings)
