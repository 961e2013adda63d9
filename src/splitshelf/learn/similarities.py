"""How alike two products are by the shoppers they share: count, Jaccard and lift, exactly."""

from collections.abc import Callable

import numpy as np
from scipy import sparse

from splitshelf.core.arrays import Floats
from splitshelf.learn.matrices import Matrix

Measure = Callable[[Floats, Floats, Floats, int], Floats]
"""Of (common shoppers, shoppers of one, shoppers of the other, all shoppers), by pair."""


def _count(common: Floats, one: Floats, other: Floats, everybody: int) -> Floats:
    del one, other, everybody
    return common


def _jaccard(common: Floats, one: Floats, other: Floats, everybody: int) -> Floats:
    del everybody
    return common / (one + other - common)


def _lift(common: Floats, one: Floats, other: Floats, everybody: int) -> Floats:
    return common * everybody / (one * other)


MEASURES: dict[str, Measure] = {"count": _count, "jaccard": _jaccard, "lift": _lift}
"""Jaccard is the share of the shoppers of either who have both; lift is how many times more share
them than would if products were taken independently."""


def similarities(matrix: Matrix, measure: str, fewest: int) -> tuple[Matrix, Matrix]:
    """The similarity and the common shoppers of each pair with at least `fewest` of them.

    `matrix` is shoppers by products, 1 where a shopper has a product; both answers are products by
    products, without the diagonal.
    """
    common = sparse.coo_array(matrix.T @ matrix)
    shoppers = np.asarray(matrix.sum(axis=0), dtype=np.float64).ravel()
    active = int((np.diff(matrix.indptr) > 0).sum())
    rows, columns = common.coords
    kept = (rows != columns) & (common.data >= fewest)
    rows, columns, counts = rows[kept], columns[kept], common.data[kept].astype(np.float64)
    values = MEASURES[measure](counts, shoppers[rows], shoppers[columns], active)
    alike = sparse.csr_array((values, (rows, columns)), shape=common.shape)
    return alike, sparse.csr_array((counts, (rows, columns)), shape=common.shape)
