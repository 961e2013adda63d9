"""Popular: what everybody turned to, older turns counting less."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from splitshelf.core.evidence import PartKind
from splitshelf.core.protocols import Rng
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.static import StaticModel
from splitshelf.learn.tallies import Gauge, Tally, faded_sums, tally_fading


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How fast popularity fades."""

    half_life: Annotated[float, Meta(gt=0)] = 60.0
    """Days after which a turn counts half."""
    exponent: Annotated[float, Meta(gt=0, le=1)] = 0.5
    """Power of the share of the most popular: the order stays, a blend feels less of the head."""


def fit(config: Config, dataset: Dataset, rng: Rng) -> StaticModel:
    """The popularity of a dataset: (decayed weight / that of the most popular)^exponent."""
    del rng
    how = gauge(config, dataset)
    return model(how, count(how, dataset), dataset.until)


def gauge(config: Config, everybody: Dataset) -> Gauge:
    """How some shoppers are counted among everybody."""
    return Gauge(config, 0, 1.0, everybody.until, (config.half_life,))


def count(gauge: Gauge, some: Dataset) -> Tally:
    """What some shoppers add to popularity."""
    return tally_fading(some, gauge, weighed=True)


def model(gauge: Gauge, tally: Tally, now: int) -> StaticModel:
    """The popularity of a tally."""
    sums = faded_sums(tally, gauge, now)[0]
    scores = (sums / max(float(sums.max(initial=0.0)), 1e-300)) ** gauge.config.exponent
    supporters = tally.popularity.astype(np.int32)
    settings = msgspec.to_builtins(gauge.config)
    return StaticModel("popular", PartKind.POPULARITY, scores, supporters, settings)


def restore(arrays: Mapping[str, NDArray[Any]], settings: dict[str, Any]) -> StaticModel:
    """The model that these were made from."""
    return StaticModel(
        "popular", PartKind.POPULARITY, arrays["scores"], arrays["supporters"], settings
    )
