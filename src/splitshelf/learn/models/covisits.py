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
from splitshelf.learn.tallies import Tally

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
    rows = count_pairs(_pairing(config, dataset), dataset.turns(), dataset.n_products)
    return NeighbourModel("covisits", rows, config.decay, msgspec.to_builtins(config))


def count(config: Config, some: Dataset, everybody: Dataset) -> Tally:
    """What some shoppers add to the co-visits of everybody."""
    unit = commonest(everybody.turns())
    return tally_pairs(_pairing(config, everybody), some.turns(), some.n_products, unit)


def model(config: Config, tally: Tally) -> NeighbourModel:
    """The co-visits of a tally."""
    rows = rows_of_pairs(_pairing(config, None), tally)
    return NeighbourModel("covisits", rows, config.decay, msgspec.to_builtins(config))


def _pairing(config: Config, everybody: Dataset | None) -> Pairing:
    reach = config.reach
    if everybody is not None:
        turns = len(everybody.turns().products)
        reach = max(1, min(reach, config.pairs // max(2 * turns, 1)))
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
