"""Two hops: neighbours of neighbours, for products that few have met."""

import numpy as np
from scipy import sparse

from splitshelf.learn.metrics.rankings import Matrix
from splitshelf.learn.neighbours import NeighbourModel, Neighbours


def through(
    first: NeighbourModel, second: NeighbourModel, *, near: int = 30, kept: int = 100
) -> NeighbourModel:
    """The model whose rows are the product of the nearest `near` of both: still a sum of events.

    A product's neighbours are those of its neighbours, weighed by both steps; the `kept` best.
    """
    product = _nearest(first.neighbours, near) @ _nearest(second.neighbours, near)
    settings = {"near": near, "kept": kept, "decay": second.decay}
    return NeighbourModel("two_hop", _best_rows(product.tocsr(), kept), second.decay, settings)


def _nearest(rows: Neighbours, near: int) -> Matrix:
    """The first `near` of each row, which are its heaviest, as a matrix."""
    n = len(rows.offsets) - 1
    sizes = np.minimum(np.diff(rows.offsets), near)
    offsets = np.concatenate(([0], np.cumsum(sizes)))
    kept = np.repeat(rows.offsets[:-1] - offsets[:-1], sizes) + np.arange(offsets[-1])
    return sparse.csr_array((rows.weights[kept], rows.products[kept], offsets), shape=(n, n))


def _best_rows(table: Matrix, kept: int) -> Neighbours:
    owner = np.repeat(np.arange(table.shape[0]), np.diff(table.indptr))
    away = table.indices != owner
    owner, products, weights = owner[away], table.indices[away], table.data[away]
    order = np.lexsort((products, -weights, owner))
    owner, products, weights = owner[order], products[order], weights[order]
    starts = np.searchsorted(owner, np.arange(table.shape[0] + 1))
    near = np.arange(len(owner)) - starts[owner] < kept
    counts = np.bincount(owner[near], minlength=table.shape[0])
    return Neighbours(
        np.concatenate(([0], np.cumsum(counts))),
        products[near].astype(np.int32),
        weights[near].astype(np.float32),
        np.empty(0, dtype=np.int32),
    )
