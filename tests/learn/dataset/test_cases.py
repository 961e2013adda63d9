"""Cases: questions from the newest events, with nothing of the answer in them."""

from dataclasses import replace

import numpy as np

from splitshelf.learn.dataset.cases import rests_of_visits
from splitshelf.learn.dataset.dataset import Dataset
from worlds import checkerboard


def test_cases_ask_for_products_that_are_new_to_the_shopper():
    """The answer is never in the question, and nothing of the question is later."""
    world = checkerboard()
    cases = rests_of_visits(world, 3 * 60_000_000, 30, history=4, rng=np.random.default_rng(0))
    assert len(cases) == 30
    for case in cases:
        assert not np.isin(case.targets, case.activity.products).any()
        assert 3 <= len(case.activity) <= 4


def test_an_order_is_asked_for_as_a_whole():
    """Lines of one instant are one question, which knows none of them."""
    world = Dataset.from_sequences([[0, 1, 2, 1, 3]])
    world = replace(world, times=np.array([0, 0, 9, 9, 9], dtype=np.int64), until=10)
    (case,) = rests_of_visits(world, 9, 30, history=4, rng=np.random.default_rng(0))
    assert case.activity.products.tolist() == [0, 1]
    assert case.targets.tolist() == [2, 3]
