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
from splitshelf.learn.tallies import Tally, tally_fading


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
    return model(config, count(config, dataset, dataset))


def count(config: Config, some: Dataset, everybody: Dataset) -> Tally:
    """What some shoppers add to the trends as they stand at the end of everybody's log."""
    halves = (config.lately, config.usually)
    return tally_fading(some, everybody.until, halves, weighed=False)


def model(config: Config, tally: Tally) -> StaticModel:
    """The trends of a tally."""
    now, usual = np.maximum(tally.sums.toarray(), 0.0) + config.prior
    expected = usual * now.sum() / max(float(usual.sum()), 1e-300)
    scores = np.maximum(now - expected, 0.0) / np.sqrt(np.maximum(expected, 1e-300))
    supporters = tally.popularity.astype(np.int32)
    scores[supporters < config.crowd] = 0.0
    settings = msgspec.to_builtins(config)
    return StaticModel("trending", PartKind.TREND, scores, supporters, settings)


def restore(arrays: Mapping[str, NDArray[Any]], settings: dict[str, Any]) -> StaticModel:
    """The model that these were made from."""
    return StaticModel("trending", PartKind.TREND, arrays["scores"], arrays["supporters"], settings)
