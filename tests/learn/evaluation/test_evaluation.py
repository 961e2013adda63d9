"""Evaluation on worlds whose values are known."""

import msgspec
import numpy as np
import pytest

from learn.evaluation.worlds import counting, fixed, taste_world
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.evaluation.evaluation import evaluate
from splitshelf.learn.evaluation.intervals import interval, resample_means
from splitshelf.learn.evaluation.protocols.leave_one_out import leave_one_out
from splitshelf.learn.metrics import METRICS


def rng():
    """A generator that is the same for every test."""
    return np.random.default_rng(7)


def test_values_are_those_of_a_known_ranking():
    """Products 3 and 5 are wanted; fixed scores put them on ranks 1 and 3 among the unseen."""
    world = Dataset.from_sequences([[0, 1, 2, 3], [0, 1, 2, 5]], 7)
    result = evaluate(
        world, {"fixed": fixed([9, 9, 9, 5, 4, 3, 0])}, leave_one_out, k=(2, 3), rng=rng()
    )
    values = {key: e.value for key, e in result.models["fixed"].metrics.items()}
    assert values["recall@2"] == pytest.approx(0.5)
    assert values["recall@3"] == pytest.approx(1.0)
    assert values["ndcg@3"] == pytest.approx((1 + 0.5) / 2)
    assert values["mrr@3"] == pytest.approx((1 + 1 / 3) / 2)
    assert values["auc"] == pytest.approx((1 + 1 / 3) / 2)
    assert values["coverage@3"] == pytest.approx(3 / 7)


def test_a_better_model_is_called_better_and_an_equal_one_is_not():
    """Counting beats reversed counting for real; a copy of it cannot be told apart."""
    world = taste_world()
    reverse = fixed(np.arange(30) + 1)
    models = {"reverse": reverse, "counting": counting, "copy": counting}
    result = evaluate(world, models, leave_one_out, rng=rng(), metrics=("ndcg",))
    found = {(d.first, d.second): d for d in result.differences}
    better = next(d for pair, d in found.items() if set(pair) == {"counting", "reverse"})
    assert better.real
    assert better.first == "counting"
    assert better.estimate.low is not None
    assert better.estimate.low > 0
    assert "is better than" in better.sentence
    same = next(d for pair, d in found.items() if set(pair) == {"counting", "copy"})
    assert not same.real
    assert "cannot be told apart" in same.sentence


def test_the_same_seed_gives_the_same_numbers_and_segments_add_up():
    """Everything but the clocks is equal; head and tail are all questions."""
    world = taste_world()
    one, two = (evaluate(world, {"counting": counting}, leave_one_out, rng=rng()) for _ in range(2))
    assert one.models["counting"].metrics == two.models["counting"].metrics
    assert one.fingerprint == two.fingerprint
    assert {"head", "tail"} <= set(one.models["counting"].segments)


def test_an_evaluation_survives_json():
    """What is printed with --json can be read back."""
    result = evaluate(taste_world(), {"counting": counting}, leave_one_out, rng=rng())
    again = msgspec.json.decode(msgspec.json.encode(result), type=type(result))
    assert again.models["counting"].metrics.keys() == result.models["counting"].metrics.keys()
    assert set(METRICS) <= {key.split("@")[0] for key in again.models["counting"].metrics}


def test_the_interval_covers_the_mean_as_often_as_it_says():
    """Of 200 samples about 95 % hold the true mean (Monte Carlo: at least 89 %)."""
    draws = np.random.default_rng(11)
    held = 0
    for _ in range(200):
        sample = draws.exponential(size=(150, 1))
        low, high = interval(resample_means(sample, np.arange(150), draws)[:, 0])
        held += low <= 1 <= high
    assert held / 200 >= 0.89


def test_questions_of_one_session_are_no_independent_evidence():
    """Ten copies of each value under one unit give the interval of one copy."""
    values = np.random.default_rng(5).normal(size=(80, 1))
    single = interval(resample_means(values, np.arange(80), rng())[:, 0])
    copies = np.repeat(values, 10, axis=0)
    grouped = interval(resample_means(copies, np.repeat(np.arange(80), 10), rng())[:, 0])
    assert grouped == pytest.approx(single)


def test_values_that_are_not_defined_are_left_out():
    """A value of nan takes part in no mean."""
    values = np.array([[1.0], [np.nan], [3.0]])
    assert np.nanmean(resample_means(values, np.arange(3), rng())) == pytest.approx(2, abs=0.1)
