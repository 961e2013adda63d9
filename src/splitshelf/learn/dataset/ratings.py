"""Ratings as a table of their own, and the named step that takes a shopper's habit out of them."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from splitshelf.core.arrays import Bools, Floats, Ints, Longs
from splitshelf.learn.dataset.dataset import Dataset


@dataclass(frozen=True, slots=True)
class Ratings:
    """Who rated what how; arrays of length m, a pair's newest word only."""

    shoppers: Ints
    products: Ints
    values: Floats
    """1 to 5; any number once normalised."""
    times: Longs
    n_shoppers: int
    n_products: int

    @classmethod
    def of(cls, dataset: Dataset) -> Self:
        """The ratings in a dataset, by shopper and then by product."""
        rows = np.flatnonzero(~np.isnan(dataset.values))
        shoppers, products = dataset.shoppers()[rows], dataset.products[rows]
        pairs = shoppers.astype(np.int64) * dataset.n_products + products
        # of equal pairs `unique` finds the first, so the newest must stand first
        _, places = np.unique(pairs[::-1], return_index=True)
        kept = rows[::-1][places]
        return cls(
            shoppers=dataset.shoppers()[kept],
            products=dataset.products[kept],
            values=dataset.values[kept].astype(np.float64),
            times=dataset.times[kept],
            n_shoppers=dataset.n_shoppers,
            n_products=dataset.n_products,
        )

    def take(self, keep: Bools) -> Self:
        """The ratings where `keep` [m] is true."""
        return replace(
            self,
            shoppers=self.shoppers[keep],
            products=self.products[keep],
            values=self.values[keep],
            times=self.times[keep],
        )

    def __len__(self) -> int:
        return len(self.values)


def shopper_mean(ratings: Ratings, prior: float) -> tuple[Ratings, Floats]:
    """The ratings minus each shopper's mean, and these means, float64 [n shoppers].

    A mean is drawn to that of everybody by `prior` ratings, and is that where there are none.
    """
    everybody = float(ratings.values.mean()) if len(ratings) else 0.0
    size = ratings.n_shoppers
    counts = np.bincount(ratings.shoppers, minlength=size)
    sums = np.bincount(ratings.shoppers, weights=ratings.values, minlength=size)
    means = (sums + prior * everybody) / np.maximum(counts + prior, 1e-12)
    means[counts + prior == 0] = everybody
    return replace(ratings, values=ratings.values - means[ratings.shoppers]), means


NORMALISATIONS = {"shopper_mean": shopper_mean}
"""The ways to make the ratings of the strict and the kind comparable, by name."""
