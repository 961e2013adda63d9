"""Popularity bias: how much more popular the lists are than the shoppers' own taste."""

import numpy as np

from splitshelf.core.arrays import Floats
from splitshelf.learn.metrics.rankings import Rankings, divide


def popularity(rankings: Rankings, k: int) -> Floats:
    """The mean popularity of the first k shown over that of the history, less 1; [q].

    0.5 says: half as popular again as what the shopper chose. nan without list or history.
    Abdollahpouri et al. 2019 (delta GAP), per shopper.
    """
    known = rankings.facts.popularity
    shown = rankings.lists[:, :k]
    total = np.where(shown >= 0, known[shown], 0.0).sum(axis=1)
    recommended = divide(total, (shown >= 0).sum(axis=1))
    chosen = divide(rankings.history @ known, rankings.history.sum(axis=1))
    return divide(recommended, chosen) - 1
