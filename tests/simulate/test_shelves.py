"""Shelves for simulated readers: the chances are the shop's, the sums are exact, intervals hold."""

import numpy as np
import pytest

from splitshelf.core.protocols import Candidates
from splitshelf.prove.off_policy import ESTIMATORS
from splitshelf.serve import exploration
from splitshelf.simulate import shelves
from splitshelf.simulate.shelves import POOL, chances, covering, earned, logged, orders, read


@pytest.fixture(scope="module")
def world():
    """Sixty readers of the generated shop."""
    return shelves.readers(60)


def test_chances_are_those_that_the_shop_logs():
    """For orders drawn by the real exploration, our chances are its propensities."""
    scores = np.array([3.0, 2.5, 2.0, 1.0, 0.5, 0.2])
    pool = Candidates(np.arange(POOL, dtype=np.int32), scores)
    keys = np.arange(POOL, dtype=np.uint64) * np.uint64(7919)
    logits = scores[np.newaxis] / (0.4 * scores[0])
    for seed in range(20):
        drawn = exploration.draw(pool, keys, shelves.PLACES, seed=seed, temperature=0.4)
        got = chances(logits, drawn.chosen[np.newaxis].astype(np.int64))
        assert got[0] == pytest.approx(drawn.propensities, rel=1e-9)


def test_all_orders_together_are_certain(world):
    """The chances of all orders sum to one for everybody."""
    every = orders()
    for logits in world.logged[:5]:
        product = chances(np.tile(logits, (len(every), 1)), every).prod(axis=1)
        assert product.sum() == pytest.approx(1)


def test_readers_click_as_often_as_the_sum_says():
    """Simulated reading clicks each place as often as the formula has it."""
    clicks = np.array([0.3, 0.5, 0.4])
    got = read(np.tile(clicks, (100_000, 1)), np.random.default_rng(1))
    assert (got.sum(axis=1) <= 1).all()
    assert got.mean(axis=0) == pytest.approx(earned(clicks[np.newaxis])[0], abs=0.006)


def test_logs_follow_the_chances(world):
    """What stands first in the log is drawn as often as its logged chance says."""
    log = logged(world, 40_000, np.random.default_rng(2)).top
    for action in range(POOL):
        weight = (log.action == action) / log.propensity
        assert weight.mean() == pytest.approx(1, abs=6 * weight.std() / 200)


def test_off_policy_intervals_hold_the_true_value(world):
    """Every estimator covers what it is asked for in 93 to 97 % of 600 logs, within chance."""
    found = covering(world, np.random.default_rng(5), runs=600, shelves=1500)
    assert found.keys() > ESTIMATORS.keys()
    for name, one in found.items():
        slack = 3 * np.sqrt(0.05 * 0.95 / 600)
        assert 0.95 - slack <= one.covered <= 0.95 + slack, (name, one)
        assert one.mean == pytest.approx(one.truth, abs=0.25 * one.spread), name


def test_policies_without_support_are_refused_with_the_reason(world):
    """Products never shown, one rare product, wrong propensities: three refusals, three reasons."""
    why = shelves.refusals(world, 2000, np.random.default_rng(6))
    assert "never done" in why["products never shown"]
    assert "count effectively" in why["one rare product only"]
    assert "mean weight" in why["chances logged wrongly"]
