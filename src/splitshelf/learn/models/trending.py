"""Trending: what gets more turns lately than it used to."""

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
    """What lately means."""

    lately: Annotated[float, Meta(gt=0)] = 3.0
    """Half-life in days of what counts as now."""
    usually: Annotated[float, Meta(gt=0)] = 30.0
    """Half-life in days of what it is compared with; longer than `lately`."""
    prior: Annotated[float, Meta(gt=0)] = 5.0
    """Turns that every product is given in both, so that one lucky turn is no trend."""
    crowd: Annotated[int, Meta(ge=1)] = 10
    """Distinct shoppers that a trend needs: a few people's turns are chance, and their business."""


def fit(config: Config, dataset: Dataset, rng: Rng) -> StaticModel:
    """The trends of a dataset: max(0, z), z = (now - expected) / sqrt(expected).

    Expected is the share of the long half-life times all that counts as now. A product that fewer
    than `crowd` shoppers turned to has none.
    """
    del rng
    how = gauge(config, dataset)
    return model(how, count(how, dataset), dataset.until)


def gauge(config: Config, everybody: Dataset) -> Gauge:
    """How some shoppers are counted among everybody."""
    return Gauge(config, 0, 1.0, everybody.until, (config.lately, config.usually))


def count(gauge: Gauge, some: Dataset) -> Tally:
    """What some shoppers add to the trends."""
    return tally_fading(some, gauge, weighed=False)


def model(gauge: Gauge, tally: Tally, now: int) -> StaticModel:
    """The trends of a tally."""
    config = gauge.config
    lately, usual = faded_sums(tally, gauge, now) + config.prior
    expected = usual * lately.sum() / max(float(usual.sum()), 1e-300)
    scores = np.maximum(lately - expected, 0.0) / np.sqrt(np.maximum(expected, 1e-300))
    supporters = tally.popularity.astype(np.int32)
    scores[supporters < config.crowd] = 0.0
    settings = msgspec.to_builtins(config)
    return StaticModel("trending", PartKind.TREND, scores, supporters, settings)


def restore(arrays: Mapping[str, NDArray[Any]], settings: dict[str, Any]) -> StaticModel:
    """The model that these were made from."""
    return StaticModel("trending", PartKind.TREND, arrays["scores"], arrays["supporters"], settings)
