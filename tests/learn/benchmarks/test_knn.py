"""The benchmark of session neighbours, small."""

import numpy as np

from splitshelf.learn.benchmarks.knn import run_knn, world
from splitshelf.learn.models.sessions import Config


def test_it_says_what_one_question_takes():
    """Every question is timed, the percentiles rise, and postings are cut at the newest."""
    few = run_knn(20_000, 500, Config(newest=20), 50, np.random.default_rng(1))
    many = run_knn(20_000, 500, Config(newest=2_000), 50, np.random.default_rng(1))
    assert 0 < few.p50_ms <= few.p90_ms <= few.p99_ms
    assert few.sessions == many.sessions > 3_000
    assert few.index_mb < many.index_mb


def test_the_head_of_the_catalogue_is_clicked_most():
    """By the power law the first tenth of the ranks draws more than a third of the clicks."""
    codes = np.arange(1_000, dtype=np.int32)
    turns, breaks = world(50_000, codes, np.random.default_rng(2))
    assert (turns.products < 100).mean() > 1 / 3
    assert 50_000 / breaks.sum() == np.clip(50_000 / breaks.sum(), 5.3, 5.7)
