"""Datasets and neighbour rows as sparse matrices, and back."""

from typing import TypeAlias

import numpy as np
from scipy import sparse

from splitshelf.core.arrays import Ints
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.neighbours import Neighbours

Matrix: TypeAlias = sparse.csr_array


def interactions(dataset: Dataset) -> Matrix:
    """Shoppers by products, float32: 1 where the shopper turned to the product."""
    turns = dataset.turns()
    shape = (dataset.n_shoppers, dataset.n_products)
    ones = np.ones(len(turns.products), dtype=np.float32)
    # a copy, since summing works in place and the turns are everybody's
    matrix = sparse.csr_array((ones, turns.products, turns.offsets), shape=shape, copy=True)
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    return matrix


def matrix_of(rows: Neighbours) -> Matrix:
    """Products by products, float32: the weights of the rows."""
    n = len(rows.offsets) - 1
    return sparse.csr_array((rows.weights, rows.products, rows.offsets), shape=(n, n))


def rows_of(matrix: Matrix, limit: int) -> Neighbours:
    """The `limit` largest entries of each row by size, without the diagonal; signs stay."""
    kept = [_largest(matrix, row, limit) for row in range(len(matrix.indptr) - 1)]
    sizes = np.array([0, *map(len, kept)], dtype=np.int64)
    places = np.concatenate([np.empty(0, dtype=np.int64), *kept])
    return Neighbours(
        offsets=np.cumsum(sizes),
        products=matrix.indices[places].astype(np.int32),
        weights=matrix.data[places].astype(np.float32),
        supporters=np.empty(0, dtype=np.int32),
    )


def _largest(matrix: Matrix, row: int, limit: int) -> np.ndarray:
    start, stop = matrix.indptr[row : row + 2]
    places = np.arange(start, stop)
    places = places[(matrix.indices[start:stop] != row) & (matrix.data[start:stop] != 0)]
    if len(places) <= limit:
        return places
    order = np.argpartition(-np.abs(matrix.data[places]), limit)[:limit]
    return places[np.sort(order)]


def popular_products(dataset: Dataset, most: int) -> Ints:
    """The at most `most` products with the most turns, at least one each; rising."""
    counts = np.bincount(dataset.turns().products, minlength=dataset.n_products)
    order = np.argsort(-counts, kind="stable")[:most]
    return np.sort(order[counts[order] > 0]).astype(np.int32)
