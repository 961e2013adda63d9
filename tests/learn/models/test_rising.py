"""Rises of the last week: found where they are, and nowhere else."""

import numpy as np
import pytest

from splitshelf.core.clock import DAY
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.models import rising
from worlds import activity, views

N = 40


def dataset(days=60, risen=(3,), seed=0):
    """Views of 2,000 shoppers over some days; what has risen is wanted four times as often lately.

    Products fall off in popularity, the first being the best-seller.
    """
    rng = np.random.default_rng(seed)
    at = np.sort(rng.integers(0, days * DAY, 20_000))
    odds = np.tile(1.0 / np.arange(1, N + 1), (len(at), 1))
    odds[np.ix_(at >= (days - 7) * DAY, risen)] *= 4.0
    chances = (odds / odds.sum(axis=1, keepdims=True)).cumsum(axis=1)
    product = (rng.random((len(at), 1)) > chances).sum(axis=1).astype(np.int32)
    who = rng.integers(0, 2000, len(at))
    log = views(at, who, product, shoppers=2000, products=N)
    return Dataset.from_columns(log, until=days * DAY)


def scores(log, **config):
    """What a log says."""
    model = rising.fit(rising.Config(**config), log, np.random.default_rng(0))
    return model.score_all(activity(), None)


@pytest.mark.parametrize("risen", [(3,), (1, 12)])
def test_what_rose_is_found_and_nothing_else(risen):
    """The risen products alone have a score, whatever their popularity."""
    assert np.flatnonzero(scores(dataset(risen=risen))).tolist() == list(risen)


def test_where_nothing_rose_nothing_is_said():
    """Chance makes no trend: over twenty logs at most one product in all."""
    found = [np.count_nonzero(scores(dataset(risen=(), seed=seed))) for seed in range(20)]
    assert sum(found) <= 1


def test_a_log_of_less_than_two_weeks_says_nothing():
    """What is new to the log is not new to the shop."""
    assert not scores(dataset(days=13)).any()
    assert scores(dataset(days=13), days=3.0).any()


def test_fewer_than_ten_shoppers_are_no_trend():
    """A rise says who is behind it: at least the crowd that reasons may cite."""
    found = rising.fit(rising.Config(), dataset(), np.random.default_rng(0))
    assert (found.supporters[found.scores > 0] >= rising.Config().crowd).all()
