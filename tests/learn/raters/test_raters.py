"""Rating prediction in a world whose tastes and noise are known."""

from dataclasses import replace

import numpy as np
import pytest

from splitshelf.core.clock import DAY
from splitshelf.core.errors import InputError
from splitshelf.core.events import EVENT_CODES, EventType
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.dataset.ratings import Ratings, shopper_mean
from splitshelf.learn.evaluation.rating import evaluate_ratings, split_ratings
from splitshelf.learn.raters import RATERS

NOISE = 0.3
SHOPPERS, PRODUCTS = 300, 60


def world(seed=0):
    """Ratings = 3 + strictness + quality + taste (two dimensions) + noise, clipped; 24 each."""
    rng = np.random.default_rng(seed)
    rows = [rng.permutation(PRODUCTS)[:24].tolist() for _ in range(SHOPPERS)]
    dataset = Dataset.from_sequences(rows, PRODUCTS)
    who, what = dataset.shoppers(), dataset.products
    strict, good = rng.normal(0, 0.4, SHOPPERS), rng.normal(0, 0.4, PRODUCTS)
    tastes, traits = rng.normal(0, 0.7, (SHOPPERS, 2)), rng.normal(0, 0.7, (PRODUCTS, 2))
    value = 3 + strict[who] + good[what] + (tastes[who] * traits[what]).sum(axis=1)
    value = np.clip(value + rng.normal(0, NOISE, len(value)), 1, 5)
    types = np.full(len(dataset), EVENT_CODES[EventType.RATING], dtype=np.int8)
    times = rng.permutation(len(dataset)) * DAY // 100
    ordered = np.lexsort((times, who))
    return replace(
        dataset,
        products=what[ordered],
        types=types,
        times=times[ordered],
        values=value[ordered].astype(np.float32),
        until=int(times.max()) + 1,
    )


def rng():
    """The same generator for everybody."""
    return np.random.default_rng(1)


def test_svd_finds_the_tastes_that_biases_cannot_see():
    """Baseline beats the mean, SVD beats the baseline and comes near the noise of the world."""
    result = evaluate_ratings(world(), list(RATERS), rng())
    rmse = {name: rated.metrics["rmse"].value for name, rated in result.models.items()}
    assert rmse["mean"] > 1.05 * rmse["baseline"] > 1.05 * 1.15 * rmse["svd"]
    assert NOISE < rmse["svd"] < 1.8 * NOISE
    for rated in result.models.values():
        for metric in rated.metrics.values():
            assert metric.low <= metric.value <= metric.high
    assert result.differences[0].startswith("svd is better than baseline")


def test_nothing_of_the_future_is_learned():
    """Every rating asked for is as new as any learned from, and its shopper known."""
    past, asked, words = split_ratings(world())
    assert past.times.max() < asked.times.min()
    assert set(asked.shoppers.tolist()) <= set(past.shoppers.tolist())
    assert "80%" in words


def test_the_newest_word_on_a_product_counts():
    """Rated twice, once: by the later rating."""
    dataset = Dataset.from_sequences([[0, 1, 0]])
    ratings = Ratings.of(replace(dataset, values=np.array([1, 2, 5], dtype=np.float32)))
    assert ratings.products.tolist() == [0, 1]
    assert ratings.values.tolist() == [5.0, 2.0]


def test_the_mean_of_a_shopper_is_taken_away():
    """By hand: 1 and 3 with two ratings at everybody's mean of 3 are a mean of 2.5."""
    dataset = Dataset.from_sequences([[0, 1], [0, 1]])
    ratings = Ratings.of(replace(dataset, values=np.array([1, 3, 3, 5], dtype=np.float32)))
    centred, means = shopper_mean(ratings, prior=2)
    assert means.tolist() == [2.5, 3.5]
    assert centred.values.tolist() == [-1.5, 0.5, -0.5, 1.5]


@pytest.mark.parametrize("name", list(RATERS))
def test_the_same_seed_gives_the_same_bytes_within_the_scale(name):
    """Twice the same; predictions lie in 1 to 5, for the unknown too."""
    ratings = Ratings.of(world()).take(np.arange(SHOPPERS * 24) % 3 > 0)
    ratings = replace(ratings, n_shoppers=SHOPPERS + 1, n_products=PRODUCTS + 1)
    kind = RATERS[name]
    one, two = (kind.fit(kind.config(), ratings, rng()) for _ in range(2))
    for key, array in one.arrays().items():
        assert array.tobytes() == two.arrays()[key].tobytes()
    pairs = np.arange(SHOPPERS + 1, dtype=np.int32), np.arange(SHOPPERS + 1) % (PRODUCTS + 1)
    predicted = one.predict(pairs[0], pairs[1].astype(np.int32))
    assert predicted.min() >= 1
    assert predicted.max() <= 5
    everybody = ratings.values.mean()
    stranger = one.predict(np.array([SHOPPERS]), np.array([PRODUCTS]))
    assert stranger == pytest.approx([everybody], abs=0.1)


def test_a_log_without_ratings_is_refused():
    """With the reason."""
    with pytest.raises(InputError, match="needs rating events"):
        split_ratings(Dataset.from_sequences([[0, 1]]))
