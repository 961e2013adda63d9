"""The session benchmark on a ring of items."""

import gzip
import json

import numpy as np
import pytest

from splitshelf.core.errors import InputError
from splitshelf.learn.benchmarks.sessions import run_sessions
from splitshelf.learn.benchmarks.visits import read_files


@pytest.fixture
def files(tmp_path):
    """400 walks along a ring of 50 items; the test asks for the step after each prefix."""
    rng = np.random.default_rng(5)
    walks = [
        [int(start + step) % 50 + 1 for step in range(4)] for start in rng.integers(50, size=400)
    ]
    train, test = tmp_path / "train.jsonl.gz", tmp_path / "test.jsonl"
    with gzip.open(train, "wt") as file:
        file.writelines(json.dumps(walk) + "\n" for walk in walks)
    asked = [
        {"prefix": walk[:size], "target": walk[size]} for walk in walks[:60] for size in (3, 2, 1)
    ]
    test.write_text("\n".join(map(json.dumps, asked)))
    return train, test


def test_the_next_step_of_the_ring_is_found(files):
    """Covisits and sessions know the ring; the ranked hybrid keeps it; popularity does not."""
    result = run_sessions(*files, [], 1)
    assert set(result.models) == {"popular", "item_knn", "covisits", "sessions", "ranked"}
    assert result.models["covisits"]["hit@20"] == 1
    assert result.models["sessions"]["hit@20"] == 1
    assert result.models["ranked"]["mrr@20"] > 0.9
    assert result.models["popular"]["mrr@20"] < 0.5


def test_prefixes_of_one_session_are_one_unit(files):
    """180 questions of 60 sessions, in which neighbours may by chance continue each other."""
    visits = read_files(*files, np.random.default_rng(1))
    assert len(visits.questions) == 180
    assert 50 <= len(np.unique(visits.questions.units)) <= 60
    assert visits.past.times.max() < visits.past.until


def test_refusals_name_the_line(files):
    """A line that is no question, a file that is not there."""
    train, test = files
    test.write_text('{"prefix": [1]}\n')
    with pytest.raises(InputError, match=r"test.jsonl:1"):
        read_files(train, test, np.random.default_rng(1))
    test.unlink()
    with pytest.raises(InputError, match="cannot be read"):
        read_files(train, test, np.random.default_rng(1))


def test_items_may_be_words(tmp_path):
    """Words are coded like numbers, a product of the test file alone included."""
    train, test = tmp_path / "train.jsonl", tmp_path / "test.jsonl"
    train.write_text('["tea", "cup"]\n["cup", "pot"]\n')
    test.write_text('{"prefix": ["tea"], "target": "cup"}\n{"prefix": ["jar"], "target": 7}\n')
    visits = read_files(train, test, np.random.default_rng(1))
    assert visits.past.n_products == 5
    assert len(visits.questions) == 2
