"""Rising: what more shoppers turned to in the last days than its usual share lets expect.

What a season does to a shop that has seen it only once cannot be told from a trend, and a trend is
what the last days say. `trending` ranks a shelf of its own by how sure the rise is; this is the
rise as a term of the blend, in the measure of `popular`.
"""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from splitshelf.core.arrays import Bools, Floats, Longs
from splitshelf.core.clock import DAY
from splitshelf.core.evidence import PartKind
from splitshelf.core.protocols import Rng
from splitshelf.learn.counting import distinct_shoppers
from splitshelf.learn.dataset.dataset import Dataset, Turns
from splitshelf.learn.static import StaticModel


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the last days are, and how sure a rise must be."""

    days: Annotated[float, Meta(gt=0)] = 7.0
    """The last so many are compared with all before; a log of less than twice as many says
    nothing."""
    prior: Annotated[float, Meta(gt=0)] = 20.0
    """So many shoppers, as many as expected, are added to both sides of every comparison."""
    deviations: Annotated[float, Meta(ge=0)] = 3.0
    """A count that is off by fewer standard deviations than this is chance."""
    crowd: Annotated[int, Meta(ge=1)] = 10
    """Distinct shoppers of these days without whom nothing rises."""
    exponent: Annotated[float, Meta(gt=0, le=1)] = 0.5
    """Power of the popularity, as that of `popular`."""


def fit(config: Config, dataset: Dataset, rng: Rng) -> StaticModel:
    """The rises of a dataset: max(0, p^e ((c + prior) / (expected + prior))^e - p^e).

    p is the popularity as a share of the most popular, c the shoppers who turned to the product in
    the last days, and expected what its share of all such stretches of days lets expect of them.
    """
    del rng
    turns, days = dataset.turns(), round(config.days * DAY)
    spans = (dataset.until - 1 - turns.times) // days
    begun = int(turns.times.min(initial=dataset.until))
    lately = _shoppers(turns, spans, spans == 0, dataset.n_products)
    whole = _shoppers(turns, spans, spans >= 0, dataset.n_products)
    scores = np.zeros(dataset.n_products)
    if dataset.until - begun >= 2 * days:
        scores = _rise(config, lately, whole)
    settings = msgspec.to_builtins(config)
    return StaticModel("rising", PartKind.TREND, scores, lately.astype(np.int32), settings)


def restore(arrays: Mapping[str, NDArray[Any]], settings: dict[str, Any]) -> StaticModel:
    """The model that these were made from."""
    return StaticModel("rising", PartKind.TREND, arrays["scores"], arrays["supporters"], settings)


def _rise(config: Config, lately: Floats, whole: Floats) -> Floats:
    expected = whole * (lately.sum() / max(float(whole.sum()), 1.0))
    sure = lately - expected >= config.deviations * np.sqrt(expected + 1.0)
    lift = (lately + config.prior) / (expected + config.prior)
    liked = (whole / max(float(whole.max(initial=0.0)), 1.0)) ** config.exponent
    rise = liked * (lift**config.exponent - 1.0)
    return np.where(sure & (lately >= config.crowd), np.maximum(rise, 0.0), 0.0)


def _shoppers(turns: Turns, spans: Longs, wanted: Bools, n_products: int) -> Floats:
    """The shoppers of each product, once for each span of days, float64 [n products].

    So counted, a year holds as many of a best-seller as its weeks together, though nearly everybody
    has turned to it some time: else whatever is popular would seem to rise in any short time.
    """
    visitors = np.repeat(np.arange(len(turns.offsets) - 1), np.diff(turns.offsets))[wanted]
    moved = (np.diff(visitors) != 0) | (np.diff(spans[wanted]) != 0)
    offsets = np.concatenate(([0], np.flatnonzero(moved) + 1, [len(visitors)]))
    return distinct_shoppers(offsets, turns.products[wanted], n_products).astype(np.float64)
