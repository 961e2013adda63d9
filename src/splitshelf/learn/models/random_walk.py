"""Random walk product -> shopper -> product, with the popular held back: P3alpha and RP3beta.

Paudel et al. 2016, "Updatable, accurate, diverse, and scalable recommendations for interactive
applications"; with beta 0 it is P3alpha of Cooper et al. 2014 (both with alpha 1).
"""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from numpy.typing import NDArray

from splitshelf.core.protocols import Rng
from splitshelf.learn.cooccurrence import Sharing, count_shared
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.neighbours import NeighbourModel, Neighbours


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How walks are weighed and kept."""

    alpha: Annotated[float, Meta(ge=0, le=2)] = 1.0
    """Power of the chance to leave a product for one of its shoppers."""
    shopper_alpha: Annotated[float, Meta(ge=0, le=2)] = 1.0
    """Power of the chance to leave a shopper for one of their products."""
    beta: Annotated[float, Meta(ge=0, le=1)] = 0.3
    """Divides by the shoppers of the product reached, to this power; 0 is P3alpha."""
    longest: Annotated[int, Meta(ge=2)] = 200
    """The newest turns of a shopper that count."""
    pairs: Annotated[int, Meta(ge=1)] = 200_000_000
    """About how many pairs are counted at most: a larger log gets by with shorter histories."""
    neighbours: Annotated[int, Meta(ge=1)] = 100
    """How many are kept for each product."""
    decay: Annotated[float, Meta(ge=0, le=1)] = 0.6
    """What each step back in the activity leaves of an event's strength."""


def fit(config: Config, dataset: Dataset, rng: Rng) -> NeighbourModel:
    """The walks of a dataset: sum over common shoppers of d_u^-alpha, / (n_i^alpha n_j^beta)."""
    del rng
    sharing = Sharing(
        source_exponent=config.alpha,
        target_exponent=config.beta,
        shrinkage=0.0,
        length_exponent=config.shopper_alpha,
        longest=config.longest,
        pairs=config.pairs,
        neighbours=config.neighbours,
    )
    rows = count_shared(sharing, dataset.turns(), dataset.n_products)
    return NeighbourModel("random_walk", rows, config.decay, msgspec.to_builtins(config))


def restore(arrays: Mapping[str, NDArray[Any]], settings: dict[str, Any]) -> NeighbourModel:
    """The model that these were made from."""
    return NeighbourModel("random_walk", Neighbours.restore(arrays), settings["decay"], settings)
