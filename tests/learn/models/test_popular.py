"""Popular: older turns count less."""

from dataclasses import replace

import numpy as np
import pytest

from splitshelf.core.clock import DAY
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.models import popular
from worlds import CONTEXT, activity


def test_a_turn_counts_half_after_the_half_life():
    """One fresh turn equals two that are one half-life old."""
    world = Dataset.from_sequences([[0, 1], [0]])
    times = np.array([0, 60 * DAY, 0], dtype=np.int64)
    world = replace(world, times=times, until=60 * DAY)
    model = popular.fit(popular.Config(), world, np.random.default_rng(0))
    assert model.score_all(activity(), CONTEXT).tolist() == pytest.approx([1.0, 1.0])
    assert model.evidence(activity(), CONTEXT, 0)[0].supporters == 2
