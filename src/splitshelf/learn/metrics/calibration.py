"""Calibration: whether a list has the mixture of attributes that the shopper has."""

import numpy as np
from scipy import sparse

from splitshelf.core.arrays import Bools, Floats
from splitshelf.learn.metrics.rankings import Matrix, Rankings

SMOOTHING = 0.01


def calibration(rankings: Rankings, k: int) -> Floats:
    """KL(p || q), p the attributes of the history and q those of the first k shown, in nats; [q].

    0 is perfect. q is smoothed to 0.99 q + 0.01 p. nan for an empty list or history, or where
    products have no attributes. Steck 2018, equations 1 to 4.
    """
    shown = rankings.lists[:, :k]
    owner, column = np.nonzero(shown >= 0)
    cells = (np.ones(len(owner)), (owner, shown[owner, column]))
    lists: Matrix = sparse.csr_array(cells, shape=rankings.history.shape)
    p, p_empty = _mixture(rankings, rankings.history)
    q, q_empty = _mixture(rankings, lists)
    smooth = ((1 - SMOOTHING) * q + SMOOTHING * p).tocsr()
    p = p.tocoo()
    terms = p.data * np.log(p.data / np.asarray(smooth[p.coords[0], p.coords[1]]).ravel())
    divergence = np.bincount(p.coords[0], weights=terms, minlength=len(shown))
    return np.where(p_empty | q_empty, np.nan, divergence)


def _mixture(rankings: Rankings, weights: Matrix) -> tuple[Matrix, Bools]:
    """The share of each attribute in a weighted set of products; rows of nothing are marked."""
    summed = (weights @ rankings.facts.attributes).tocsr()
    summed.eliminate_zeros()
    totals = summed.sum(axis=1)
    scale = np.divide(1, totals, where=totals > 0, out=np.zeros_like(totals, dtype=float))
    diagonal: Matrix = sparse.diags_array(scale)
    return (diagonal @ summed).tocsr(), totals <= 0
