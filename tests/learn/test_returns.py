"""How often shoppers come back to a product within a visit."""

from dataclasses import replace

import numpy as np
import pytest

from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.returns import PRIOR, returns

ROWS = [[0, 1, 0], [2, 2, 1]]
"""Of six events, two are followed by their product: 0 later on, 2 at once."""


def test_shares_are_the_hand_computed_ones():
    """Product 0 returns once in two events, 1 never, 2 once; pulled towards two in six."""
    scores = returns(Dataset.from_sequences(ROWS, 4), at_once=False).scores
    pull = PRIOR * 2 / 6
    expected = [(1 + pull) / (2 + PRIOR), pull / (2 + PRIOR), (1 + pull) / (2 + PRIOR), 2 / 6]
    assert scores == pytest.approx(expected, abs=1e-12)


def test_at_once_means_the_very_next_event():
    """Only product 2 is followed by itself directly."""
    scores = returns(Dataset.from_sequences(ROWS, 4), at_once=True).scores
    pull = PRIOR / 6
    expected = [pull / (2 + PRIOR), pull / (2 + PRIOR), (1 + pull) / (2 + PRIOR), 1 / 6]
    assert scores == pytest.approx(expected, abs=1e-12)


def test_another_visit_is_no_return():
    """The same events in visits of one event each: nobody returns, every share is 0."""
    dataset = Dataset.from_sequences(ROWS, 4)
    alone = replace(dataset, sessions=np.arange(len(dataset), dtype=np.int32))
    assert not returns(alone, at_once=False).scores.any()


def test_the_neighbouring_shopper_is_no_return():
    """The last event of one shopper and the first of the next are of two visits."""
    dataset = Dataset.from_sequences([[0, 1], [1, 0]], 2)
    assert not returns(dataset, at_once=True).scores.any()
    assert returns(dataset, at_once=False).supporters.tolist() == [2, 2]
