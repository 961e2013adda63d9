"""AUC: how often a wanted product stands above another one."""

from splitshelf.core.arrays import Floats
from splitshelf.learn.metrics.rankings import Rankings, divide


def auc(rankings: Rankings, k: int) -> Floats:
    """The share of (relevant, other) pairs that are in the right order; a tie is wrong; [q].

    Reads the whole ranking: k is ignored. nan where there is no pair. Hanley and McNeil 1982, but
    with ties counted as 0 instead of 1/2, so that a model gains nothing by saying nothing.
    """
    del k
    wrong = rankings.total((rankings.ranks - rankings.place()).astype(float))
    pairs = rankings.count() * (rankings.competitors - rankings.count())
    return 1 - divide(wrong, pairs)
