"""Lateness: where in the histories of shoppers a product stands; what is new stands at their ends.

It needs no dates, only the order of each history, and says what popularity cannot: whether a
product is on its way in or out.
"""

from dataclasses import replace

import numpy as np

from splitshelf.core.arrays import Floats, Longs
from splitshelf.core.clock import DAY
from splitshelf.core.evidence import PartKind
from splitshelf.learn.counting import distinct_shoppers
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.static import StaticModel

PRIOR = 3.0
"""Events in the middle of a history that a product's own places are averaged with."""


def of_late(dataset: Dataset, half: float) -> Dataset:
    """The dataset with turns that count half in pairs once `half` events of a history followed.

    Each event of a shopper is taken to be a day before the next, and each last one to be now.
    """
    times = dataset.until - 1 - _to_end(dataset) * DAY
    return replace(dataset, times=times, half_life=half)


def lateness(dataset: Dataset) -> StaticModel:
    """The mean place of each product in histories, 0 at their beginning and 1 at their end."""
    sizes = np.diff(dataset.offsets)
    places = (_from_start(dataset) + 0.5) / np.repeat(np.maximum(sizes, 1), sizes)
    return _static(dataset, "lateness", places, PRIOR / 2, PRIOR)


def endings(dataset: Dataset, last: int) -> StaticModel:
    """The share of the events of each product that are among the `last` of a history."""
    ending = (_to_end(dataset) < last).astype(np.float64)
    return _static(dataset, f"last {last}", ending, 0.0, 1.0)


def beginnings(dataset: Dataset) -> StaticModel:
    """The share of the events of each product that begin a history."""
    return _static(dataset, "beginnings", (_from_start(dataset) == 0).astype(np.float64), 0.0, 1.0)


def nearness(dataset: Dataset) -> StaticModel:
    """The mean of 1 / (1 + events that followed) over the events of each product."""
    return _static(dataset, "nearness", np.reciprocal(1.0 + _to_end(dataset)), 0.0, 1.0)


def _from_start(dataset: Dataset) -> Longs:
    return np.arange(len(dataset)) - np.repeat(dataset.offsets[:-1], np.diff(dataset.offsets))


def _to_end(dataset: Dataset) -> Longs:
    return np.repeat(dataset.offsets[1:], np.diff(dataset.offsets)) - 1 - np.arange(len(dataset))


def _static(
    dataset: Dataset, name: str, values: Floats, prior_sum: float, prior_count: float
) -> StaticModel:
    sums = np.bincount(dataset.products, weights=values, minlength=dataset.n_products)
    counts = np.bincount(dataset.products, minlength=dataset.n_products)
    return StaticModel(
        name=name,
        kind=PartKind.TREND,
        scores=(sums + prior_sum) / (counts + prior_count),
        supporters=distinct_shoppers(dataset.offsets, dataset.products, dataset.n_products),
        configuration={},
    )
