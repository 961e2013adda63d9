"""The training benchmark on a small world."""

import numpy as np
import pytest

from splitshelf.core.errors import UnknownName
from splitshelf.learn.benchmarks.load import run_train, world


def test_every_model_has_a_cost():
    """Ours and the rivals, in seconds and megabytes above zero."""
    result = run_train(20_000, 1_000, 500, [], 1)
    assert set(result.models) >= {"covisits", "item_knn", "implicit_als", "implicit_item_knn"}
    for row in result.models.values():
        assert row["fit_seconds"] > 0
        assert row["peak_mb"] > 10


def test_the_world_follows_power_laws():
    """The most bought tenth of products takes far more than a tenth; nothing is lost."""
    dataset = world(50_000, 2_000, 1_000, np.random.default_rng(2))
    counts = np.sort(np.bincount(dataset.products, minlength=1_000))[::-1]
    assert len(dataset) == 50_000
    assert counts[:100].sum() > 0.3 * counts.sum()
    assert (np.diff(dataset.times)[np.diff(dataset.shoppers()) == 0] >= 0).all()


def test_unknown_models_are_refused():
    """With the nearest name."""
    with pytest.raises(UnknownName, match="Did you mean 'covisits'"):
        run_train(1_000, 100, 50, ["covisit"], 1)
