"""Serendipity: wanted products that a list of best-sellers would not have shown."""

import numpy as np

from splitshelf.core.arrays import Floats
from splitshelf.learn.metrics.rankings import Rankings


def serendipity(rankings: Rankings, k: int) -> Floats:
    """Relevant products in the first k that are not among the k most popular, divided by k; [q].

    Ge et al. 2010, equation 6, with the best-sellers as the primitive recommender.
    """
    popularity = rankings.facts.popularity
    obvious = np.zeros(len(popularity), dtype=np.bool_)
    obvious[np.argsort(-popularity, kind="stable")[:k]] = True
    surprising = (rankings.ranks <= k) & ~obvious[rankings.relevant]
    return rankings.total(surprising) / k
