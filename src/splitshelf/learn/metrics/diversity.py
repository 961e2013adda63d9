"""Intra-list diversity: how different the products of one list are."""

import numpy as np
from scipy import sparse

from splitshelf.core.arrays import Floats
from splitshelf.learn.metrics.rankings import Matrix, Rankings, divide


def diversity(rankings: Rankings, k: int) -> Floats:
    """1 - the mean cosine of the attributes of each pair among the first k shown; [q].

    nan for a list of fewer than two products, or where products have no attributes. Ziegler et
    al. 2005, equation 2. With unit vectors the sum of cosines over ordered pairs is the squared
    length of their sum, less the n pairs of a product with itself.
    """
    attributes = rankings.facts.attributes
    shown = rankings.lists[:, :k]
    if attributes.shape[1] == 0:
        return np.full(len(shown), np.nan)
    lengths = np.sqrt(attributes.multiply(attributes).sum(axis=1))
    scale = np.divide(1, lengths, where=lengths > 0, out=np.zeros(len(lengths)))
    unit: Matrix = sparse.diags_array(scale)
    owner, column = np.nonzero(shown >= 0)
    products = shown[owner, column]
    cells = (np.ones(len(owner)), (owner, products))
    lists: Matrix = sparse.csr_array(cells, shape=(len(shown), len(lengths)))
    summed = lists @ (unit @ attributes)
    squared = summed.multiply(summed).sum(axis=1)
    described = np.bincount(owner, weights=lengths[products] > 0, minlength=len(shown))
    size = (shown >= 0).sum(axis=1).astype(np.float64)
    return 1 - divide(squared - described, size * (size - 1))
