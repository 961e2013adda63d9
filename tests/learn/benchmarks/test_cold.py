"""The benchmark of new products: nothing of them leaks, and attributes find them."""

import json

import numpy as np
import pytest

from splitshelf.core.errors import UnknownName
from splitshelf.learn.benchmarks.cold import hidden, run_cold
from splitshelf.learn.dataset.dataset import Dataset


@pytest.fixture
def folder(tmp_path):
    """Users who keep to one of five kinds of items; an item's attribute says its kind."""
    rng = np.random.default_rng(1)
    lines = [
        " ".join(map(str, [user, *(1 + user % 5 + 5 * rng.permutation(12)[:6])]))
        for user in range(200)
    ]
    (tmp_path / "sequences.txt").write_text("\n".join(lines))
    attributes = {str(item): [(item - 1) % 5] for item in range(1, 61)}
    (tmp_path / "item_attributes.json").write_text(json.dumps(attributes))
    return tmp_path


def test_hidden_products_leave_no_trace():
    """The past holds none of their events; a query ends before the newest of them."""
    dataset = Dataset.from_sequences([[0, 1, 2, 3], [3, 0], [2, 4, 3, 1]])
    new = np.array([False, False, False, True, False])
    split = hidden(dataset, new)
    assert 3 not in split.past.products
    queries = [split.questions[i].activity.products.tolist() for i in range(len(split.questions))]
    assert queries == [[0, 1, 2], [2, 4]]
    assert split.questions.relevant.tolist() == [3, 3]


def test_two_towers_find_new_products_of_the_right_kind(folder):
    """Six hidden items in five kinds: the kind is learned, so recall is certain."""
    result = run_cold(folder, ["content", "two_tower"], 0.1, 1)
    for name in ("content", "two_tower"):
        assert result.models[name]["mrr@10"] > 0.6
    with pytest.raises(UnknownName, match="model"):
        run_cold(folder, ["popular"], 0.1, 1)
