"""Counts that add and subtract: a day more, a shopper less, without counting everything again.

A tally is a sum over shoppers. When a shopper acts again, what they counted before is taken away
and what they count now is added; when a shopper is forgotten, it is only taken away. The model of
a tally equals the model of a full count: supporters exactly, weights within float32 rounding.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from splitshelf.core.arrays import Bools, Floats
from splitshelf.core.clock import DAY
from splitshelf.core.protocols import Model
from splitshelf.learn.counting import distinct_shoppers
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.layers import Layer, kept_rows
from splitshelf.learn.neighbours import Neighbours

_SHARE = 8
"""The newer layer becomes one with the older when it holds more than one part in so many of it."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """What everybody's log says of how some shoppers are counted; all parts of a tally share it."""

    config: Any
    """Of the kind."""
    bound: int
    """How far pairs may reach, or how long histories may be."""
    unit: float
    """The weight that turns are measured in."""
    until: int
    """Microseconds UTC: what fades is counted as of then."""
    half_lives: tuple[float, ...]
    """Days: of each row of what fades, or one for all; infinite where nothing does."""

    def scales(self, now: int) -> Floats:
        """What time has left since of what was counted, float64 [half-lives]."""
        days = (now - self.until) / DAY
        return np.array(
            [2.0 ** (-days / one) if math.isfinite(one) else 1.0 for one in self.half_lives]
        )


@dataclass(frozen=True, slots=True)
class Tally:
    """What some shoppers counted: what was counted first, and a thin layer of what came since."""

    whole: Layer
    recent: Layer
    popularity: Floats
    """float64 [n]: what weights are divided by."""

    @classmethod
    def of(cls, counted: Layer, popularity: Floats) -> Self:
        """What was counted at once."""
        return cls(counted, Layer.empty(len(counted.offsets) - 1), popularity)

    def __add__(self, other: Self) -> Self:
        """Both; the shoppers of one are not those of the other."""
        return self._with(other.whole.merged(other.recent, whole=True), other.popularity)

    def __sub__(self, other: Self) -> Self:
        """This without shoppers that it holds."""
        theirs = other.whole.merged(other.recent, whole=True)
        return self._with(theirs.negated(), -other.popularity)

    def _with(self, layer: Layer, popularity: Floats) -> Self:
        recent = self.recent.merged(layer, whole=False)
        popularity = self.popularity + popularity
        if _SHARE * len(recent) <= len(self.whole):
            return type(self)(self.whole, recent, popularity)
        return type(self).of(self.whole.merged(recent, whole=True), popularity)


@dataclass(frozen=True, slots=True)
class Counted:
    """How a kind of model is made of a tally; the configuration is its own."""

    gauge: Callable[[Any, Dataset], Gauge]
    """What (configuration, everybody) says of how to count."""
    count: Callable[[Gauge, Dataset], Tally]
    """The tally of some shoppers."""
    model: Callable[[Gauge, Tally, int], Model]
    """The model of a tally at a moment, in microseconds UTC."""


def of_shoppers(dataset: Dataset, wanted: Bools) -> Dataset:
    """The events of some shoppers; codes stay."""
    return dataset.select(wanted[dataset.shoppers()])


def tally_fading(some: Dataset, gauge: Gauge, *, weighed: bool) -> Tally:
    """The turns to each product, a row for each half-life; popularity is its shoppers."""
    turns, n = some.turns(), some.n_products
    age = (gauge.until - turns.times) / DAY
    weights = turns.weights if weighed else np.ones(len(turns.weights))
    shoppers = distinct_shoppers(turns.offsets, turns.products, n)
    there = np.flatnonzero(shoppers).astype(np.int32)
    left = [weights * np.exp2(-age / half_life) for half_life in gauge.half_lives]
    sums = [np.bincount(turns.products, weights=one, minlength=n)[there] for one in left]
    rows = len(sums)
    layer = Layer(
        offsets=np.arange(rows + 1, dtype=np.int64) * len(there),
        products=np.tile(there, rows),
        sums=np.concatenate(sums, dtype=np.float64),
        supporters=np.tile(shoppers[there], rows),
    )
    return Tally.of(layer, shoppers.astype(np.float64))


def faded_sums(tally: Tally, gauge: Gauge, now: int) -> Floats:
    """What is left of the turns to each product, float64 [half-lives, n]."""
    whole, n = tally.whole.merged(tally.recent, whole=True), len(tally.popularity)
    sums = np.zeros((len(whole.offsets) - 1, n))
    for row, scale in enumerate(gauge.scales(now)):
        part = slice(whole.offsets[row], whole.offsets[row + 1])
        sums[row, whole.products[part]] = scale * whole.sums[part]
    return np.maximum(sums, 0.0)


def best_rows(
    tally: Tally, exponents: Sequence[float], shrinkage: float, kept: int, scale: float = 1.0
) -> Neighbours:
    """The best `kept` of each row by scale x sum / (n_s^a n_t^b + shrinkage)."""
    popularity = np.maximum(tally.popularity, 1)
    by_source, by_target = (popularity**exponent for exponent in exponents)
    layers = tally.whole, tally.recent
    return kept_rows(layers, (by_source, by_target, shrinkage), scale, kept)
