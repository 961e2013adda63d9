"""The basket benchmark on users of habit."""

import json

import numpy as np
import pytest

from splitshelf.core.errors import InputError
from splitshelf.learn.benchmarks.baskets import run_baskets
from splitshelf.learn.benchmarks.orders import dataset_of, last_orders, read_files


@pytest.fixture
def files(tmp_path):
    """Users who order the same three of 40 items every time, and one that nobody expects."""
    rng = np.random.default_rng(4)
    history, future = {}, {}
    for user in range(80):
        staples = rng.choice(40, size=3, replace=False)
        orders = [[f"i{p}" for p in (*staples, int(rng.integers(40)))] for _ in range(5)]
        history[f"u{user}"], future[f"u{user}"] = orders[:4], orders[4:]
    history["gone"] = [["i1"]]
    paths = tmp_path / "history.json", tmp_path / "future.json"
    for path, content in zip(paths, (history, future), strict=True):
        path.write_text(json.dumps(content))
    return paths


def test_users_of_habit_are_served_by_their_habits(files):
    """Frequency finds the three staples; best-sellers do not; the hybrid is no worse."""
    result = run_baskets(*files, ["popular", "personal_frequency", "habits", "ranked"], 1)
    assert result.users == 80
    assert result.items == 40
    assert result.models["personal_frequency"]["recall@10"] > 0.7
    assert result.models["popular"]["recall@10"] < 0.6
    assert result.models["ranked"]["ndcg@10"] > result.models["popular"]["ndcg@10"]


def test_the_last_order_is_held_out_only_where_there_is_another():
    """One order is a past, not a question."""
    past = dataset_of([[[0, 1], [2, 1]], [[3]]], 4)
    earlier, questions = last_orders(past, np.array([True, True]))
    assert earlier.products.tolist() == [0, 1, 3]
    assert len(questions) == 1
    assert questions[0].relevant.tolist() == [1, 2]
    assert questions[0].activity.products.tolist() == [0, 1]


def test_refusals_name_the_file(files):
    """Something that is no basket file; a future of strangers."""
    history, future = files
    future.write_text('{"stranger": [["i1"]]}')
    with pytest.raises(InputError, match="none of its users"):
        read_files(history, future, np.random.default_rng(1))
    history.write_text('["u1"]')
    with pytest.raises(InputError, match="user"):
        read_files(history, future, np.random.default_rng(1))
