"""Rating prediction: learn from the older ratings, be asked for the newer ones."""

from collections.abc import Sequence

import msgspec
import numpy as np

from splitshelf.core.arrays import Floats, Longs
from splitshelf.core.clock import moment
from splitshelf.core.errors import InputError
from splitshelf.core.protocols import Rng
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.dataset.ratings import Ratings
from splitshelf.learn.evaluation.clocks import measured
from splitshelf.learn.evaluation.evaluation import Estimate
from splitshelf.learn.evaluation.intervals import interval, resample_means
from splitshelf.learn.metrics import RATING_METRICS
from splitshelf.learn.raters import RATERS

SHARE = 0.2


class Rated(msgspec.Struct, frozen=True):
    """How far one rater is from what shoppers said."""

    metrics: dict[str, Estimate]
    """rmse and mae, in points of the scale of 1 to 5, with 95 % intervals over shoppers."""
    fit_seconds: float


class RatingEvaluation(msgspec.Struct, frozen=True, kw_only=True):
    """All that was measured."""

    protocol: str
    """In words."""
    users: int
    items: int
    ratings: int
    """Asked for."""
    models: dict[str, Rated]
    differences: tuple[str, ...]
    """Of each rater from the first, in sentences: which has the smaller squared error."""


def evaluate_ratings(dataset: Dataset, names: Sequence[str], rng: Rng) -> RatingEvaluation:
    """RMSE and MAE of some raters; raises InputError where there are too few ratings."""
    past, asked, words = split_ratings(dataset)
    misses: dict[str, Floats] = {}
    seconds: dict[str, float] = {}
    for name in names:
        kind = RATERS[name]
        with measured() as cost:
            rater = kind.fit(kind.config(), past, rng)
        seconds[name] = cost.seconds
        misses[name] = rater.predict(asked.shoppers, asked.products) - asked.values
    units, seed = asked.shoppers.astype(np.int64), int(rng.integers(2**32))
    models = {
        name: Rated(_estimates(miss, asked, units, seed), seconds[name])
        for name, miss in misses.items()
    }
    return RatingEvaluation(
        protocol=words,
        users=len(np.unique(units)),
        items=dataset.n_products,
        ratings=len(asked),
        models=models,
        differences=_differences(misses, units, seed),
    )


def split_ratings(dataset: Dataset) -> tuple[Ratings, Ratings, str]:
    """The older ratings, the newest fifth of shoppers who rated before, and that in words."""
    ratings = Ratings.of(dataset)
    if not len(ratings):
        raise InputError("Rating prediction needs rating events, and the log has none.")
    cut = int(np.quantile(ratings.times, 1 - SHARE, method="higher"))
    past = ratings.take(ratings.times < cut)
    known = np.bincount(past.shoppers, minlength=ratings.n_shoppers) > 0
    asked = ratings.take((ratings.times >= cut) & known[ratings.shoppers])
    if not len(asked):
        raise InputError(
            f"No shopper rated both before and after {moment(cut).date()}; import a longer log."
        )
    words = (
        f"ratings: learn from the oldest {1 - SHARE:.0%}, be asked for the newer ones of shoppers "
        f"who had rated before {moment(cut):%Y-%m-%d %H:%M} UTC"
    )
    return past, asked, words


def _estimates(miss: Floats, asked: Ratings, units: Longs, seed: int) -> dict[str, Estimate]:
    columns = np.stack([miss**2, np.abs(miss)], axis=1)
    drawn = resample_means(columns, units, np.random.default_rng(seed))
    bounds = {"rmse": interval(np.sqrt(drawn[:, 0])), "mae": interval(drawn[:, 1])}
    predicted = asked.values + miss
    return {
        name: Estimate(metric(predicted, asked.values), *bounds[name])
        for name, metric in RATING_METRICS.items()
    }


def _differences(misses: dict[str, Floats], units: Longs, seed: int) -> tuple[str, ...]:
    names = sorted(misses, key=lambda name: float((misses[name] ** 2).mean()))
    first, sentences = names[0], []
    for other in names[1:]:
        gap = (misses[other] ** 2 - misses[first] ** 2)[:, None]
        low, high = interval(resample_means(gap, units, np.random.default_rng(seed))[:, 0])
        verdict = "is better than" if low > 0 else "cannot be told apart from"
        sentences.append(
            f"{first} {verdict} {other}: squared error {gap.mean():+.4f} "
            f"(95 % interval {low:+.4f} to {high:+.4f})."
        )
    return tuple(sentences)
