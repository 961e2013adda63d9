"""Where in histories a product stands."""

import numpy as np
import pytest

from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.lateness import beginnings, endings, lateness, nearness, of_late

ROWS = [[0, 1], [0, 2, 1, 3]]


def test_places_are_the_hand_computed_ones():
    """Product 0 begins both histories, 3 ends one; thin products are drawn to the middle."""
    scores = lateness(Dataset.from_sequences(ROWS, 5)).scores
    expected = [
        (0.25 + 0.125 + 1.5) / 5,
        (0.75 + 0.625 + 1.5) / 5,
        (0.375 + 1.5) / 4,
        (0.875 + 1.5) / 4,
        0.5,
    ]
    assert scores == pytest.approx(expected, abs=1e-12)


def test_ends_and_beginnings_are_counted():
    """One event is added to the count, so that a single sighting is no certainty."""
    dataset = Dataset.from_sequences(ROWS, 5)
    assert endings(dataset, 1).scores == pytest.approx(np.array([0, 1 / 3, 0, 1 / 2, 0]))
    assert endings(dataset, 2).scores == pytest.approx(np.array([1 / 3, 2 / 3, 0, 1 / 2, 0]))
    assert beginnings(dataset).scores == pytest.approx(np.array([2 / 3, 0, 0, 0, 0]))
    assert nearness(dataset).scores == pytest.approx(
        np.array([(1 / 2 + 1 / 4) / 3, (1 + 1 / 2) / 3, (1 / 3) / 2, 1 / 2, 0])
    )


def test_what_much_has_followed_counts_less_in_pairs():
    """By half for each two events that followed; the last event of everybody counts whole."""
    turns = of_late(Dataset.from_sequences(ROWS, 5), half=2.0).turns()
    assert turns.fading is not None
    expected = 0.5 ** (np.array([1, 0, 3, 2, 1, 0]) / 2)
    assert turns.fading == pytest.approx(expected, rel=1e-5)
