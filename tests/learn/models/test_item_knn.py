"""Item kNN: common shoppers over popularity, as computed by hand."""

import numpy as np
import pytest

from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.models import item_knn


def table(rows, **config):
    """The rows of a small world."""
    dataset = Dataset.from_sequences(rows)
    return item_knn.fit(item_knn.Config(**config), dataset, np.random.default_rng(0)).neighbours


def test_the_plain_cosine():
    """With exponent one half and no shrinkage it is the cosine; repeats count once."""
    found = table([[0, 1, 0, 1], [0, 2], [0]], popularity_exponent=0.5, shrinkage=0)
    assert found.weights[found.entry(0, 1)] == pytest.approx(1 / np.sqrt(3 * 1))
    assert found.supporters[found.entry(0, 1)] == 1
    assert found.entry(1, 2) == -1


def test_only_the_newest_turns_of_a_shopper_count():
    """A robot that looked at everything connects only what it saw last."""
    found = table([[0, 1, 2, 3]], longest=2)
    assert found.entry(0, 1) == -1
    assert found.entry(2, 3) >= 0
