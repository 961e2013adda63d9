"""Counts that add and subtract: a day more, a shopper less, without counting everything again.

A tally is a sum over shoppers. When a shopper acts again, what they counted before is taken away
and what they count now is added; when a shopper is forgotten, it is only taken away. The model of
a tally equals the model of a full count: supporters exactly, weights within float32 rounding.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
from scipy import sparse

from splitshelf.core.arrays import Bools, Floats
from splitshelf.core.clock import DAY
from splitshelf.core.protocols import Model
from splitshelf.learn.counting import cut, distinct_shoppers
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.matrices import Matrix
from splitshelf.learn.neighbours import Neighbours


@dataclass(frozen=True, slots=True)
class Tally:
    """What some shoppers counted."""

    sums: Matrix
    """float64 [n, n] of pairs, or [k, n] of products."""
    supporters: Matrix
    """int64, as `sums`: distinct shoppers behind each; where it is 0 there is no sum."""
    popularity: Floats
    """float64 [n]: what weights are divided by."""

    def __add__(self, other: Self) -> Self:
        """Both; the shoppers of one are not those of the other."""
        return self._with(other, 1)

    def __sub__(self, other: Self) -> Self:
        """This without shoppers that it holds."""
        return self._with(other, -1)

    def _with(self, other: Self, sign: int) -> Self:
        supporters = sparse.csr_array(self.supporters + sign * other.supporters)
        sums = sparse.csr_array(self.sums + sign * other.sums)
        left = supporters.copy()
        left.eliminate_zeros()
        left.data = np.ones(len(left.data))
        kept = sparse.csr_array(sums.multiply(left))  # what rounding leaves of the gone is dropped
        return type(self)(kept, supporters, self.popularity + sign * other.popularity)


@dataclass(frozen=True, slots=True)
class Counted:
    """How a kind of model is made of a tally; the configuration is its own."""

    count: Callable[[Any, Dataset, Dataset], Tally]
    """The tally of (configuration, some shoppers, everybody): the latter only says what a weight
    is measured in and how far pairs may reach."""
    model: Callable[[Any, Tally], Model]
    """The model of a tally."""


def moved(tally: Tally, counted: Counted, config: Any, before: Dataset, after: Dataset) -> Tally:  # noqa: ANN401 (each kind has its own)
    """The tally of `after`, from that of `before`: only shoppers whose events differ are counted.

    Shoppers and products have the same codes in both.
    """
    touched = changed(before, after)
    less = counted.count(config, of_shoppers(before, touched), after)
    more = counted.count(config, of_shoppers(after, touched), after)
    return tally - less + more


def changed(before: Dataset, after: Dataset) -> Bools:
    """Whether a shopper has another number of events, bool [n shoppers]; logs only grow or lose."""
    return np.diff(before.offsets) != np.diff(after.offsets)


def of_shoppers(dataset: Dataset, wanted: Bools) -> Dataset:
    """The events of some shoppers; codes stay."""
    return dataset.select(wanted[dataset.shoppers()])


def tally_fading(some: Dataset, until: int, half_lives: Sequence[float], *, weighed: bool) -> Tally:
    """The turns to each product, a row for each half-life in days; popularity is its shoppers."""
    turns, n = some.turns(), some.n_products
    age = (until - turns.times) / DAY
    weights = turns.weights if weighed else 1.0
    sums = [
        np.bincount(turns.products, weights=weights * np.exp2(-age / half_life), minlength=n)
        for half_life in half_lives
    ]
    shoppers = distinct_shoppers(turns.offsets, turns.products, n).astype(np.float64)
    supporters = np.tile(shoppers.astype(np.int64), (len(sums), 1))
    return Tally(sparse.csr_array(np.stack(sums)), sparse.csr_array(supporters), shoppers)


def table_of(rows: Neighbours, n: int) -> tuple[Matrix, Matrix]:
    """Weights and supporters of rows as matrices [n, n]."""
    weights = sparse.csr_array(
        (rows.weights.astype(np.float64), rows.products, rows.offsets), shape=(n, n)
    )
    supporters = sparse.csr_array(
        (rows.supporters.astype(np.int64), rows.products, rows.offsets), shape=(n, n)
    )
    return weights, supporters


def best_rows(
    tally: Tally, exponents: tuple[float, float], shrinkage: float, kept: int
) -> Neighbours:
    """The best `kept` of each row by sum / (n_s^a n_t^b + shrinkage)."""
    sums = sparse.coo_array(tally.sums)
    sources, targets = sums.coords
    counts = np.asarray(tally.supporters[sources, targets]).ravel()
    popularity = np.maximum(tally.popularity, 1)
    divisor = popularity ** exponents[0], popularity ** exponents[1]
    weights = sums.data / (divisor[0][sources] * divisor[1][targets] + shrinkage)
    order = np.lexsort((targets, sources))
    bounds = np.searchsorted(sources[order], np.arange(tally.sums.shape[0] + 1))  # pyright: ignore[reportOptionalSubscript] (a matrix has a shape)
    columns = (
        targets[order].astype(np.int32),
        weights[order].astype(np.float32),
        counts[order].astype(np.int32),
    )
    rows = [_best(columns, slice(*pair), kept) for pair in pairwise(bounds)]
    sizes = [len(row[0]) for row in rows]
    return Neighbours(
        np.concatenate(([0], np.cumsum(sizes, dtype=np.int64))),
        *(np.concatenate([row[column] for row in rows]) for column in range(3)),
    )


def _best(columns: tuple[Any, Any, Any], row: slice, kept: int) -> tuple[Any, Any, Any]:
    mine = tuple(column[row].copy() for column in columns)
    size, _, _ = cut(mine, len(mine[0]), kept)
    return mine[0][:size], mine[1][:size], mine[2][:size]
