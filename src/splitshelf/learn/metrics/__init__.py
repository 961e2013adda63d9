"""Offline quality of rankings: one file a metric, three tables.

A new metric is one file and one line here; the contract suite then tests it.
"""

from splitshelf.learn.metrics.auc import auc
from splitshelf.learn.metrics.calibration import calibration
from splitshelf.learn.metrics.coverage import coverage
from splitshelf.learn.metrics.diversity import diversity
from splitshelf.learn.metrics.f1 import f1
from splitshelf.learn.metrics.gini import gini
from splitshelf.learn.metrics.hit import hit
from splitshelf.learn.metrics.mae import mae
from splitshelf.learn.metrics.map import average_precision
from splitshelf.learn.metrics.mrr import mrr
from splitshelf.learn.metrics.ndcg import ndcg
from splitshelf.learn.metrics.novelty import novelty
from splitshelf.learn.metrics.popularity import popularity
from splitshelf.learn.metrics.precision import precision
from splitshelf.learn.metrics.rankings import ListMetric, RatingMetric, ShopperMetric
from splitshelf.learn.metrics.recall import recall
from splitshelf.learn.metrics.rmse import rmse
from splitshelf.learn.metrics.serendipity import serendipity

METRICS: dict[str, ShopperMetric] = {
    "precision": precision,
    "recall": recall,
    "f1": f1,
    "hit": hit,
    "ndcg": ndcg,
    "mrr": mrr,
    "map": average_precision,
    "auc": auc,
    "novelty": novelty,
    "serendipity": serendipity,
    "diversity": diversity,
    "calibration": calibration,
    "popularity": popularity,
}
"""One value a shopper, so that intervals and paired differences can be drawn over shoppers."""

LIST_METRICS: dict[str, ListMetric] = {"coverage": coverage, "gini": gini}
"""One value for all lists together, from how often each product was recommended."""

RATING_METRICS: dict[str, RatingMetric] = {"rmse": rmse, "mae": mae}
"""One value for predicted against given ratings."""

WHOLE = frozenset({"auc"})
"""The metrics that read the whole ranking, whatever k is."""
