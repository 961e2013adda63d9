"""Ranks and lists against the definition."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from splitshelf.learn.evaluation.ranking import rank


def slow_ranks(scores, relevant, masked):
    """A wanted product stands below all others of its score or better, and below better wanted."""
    others = [p for p in range(len(scores)) if p not in relevant and p not in masked]
    return sorted(
        sum(scores[j] >= scores[r] for j in others) + place
        for place, r in enumerate(sorted(relevant, key=lambda p: -scores[p]), 1)
    )


@given(st.data())
def test_ranks_follow_the_definition(data):
    """Also with many ties, masked products and several wanted ones."""
    n = data.draw(st.integers(3, 12))
    scores = np.array(data.draw(st.lists(st.integers(0, 4), min_size=n, max_size=n)), dtype=float)
    relevant = data.draw(st.sets(st.integers(0, n - 1), min_size=1, max_size=n - 1))
    masked = data.draw(st.sets(st.sampled_from(sorted(set(range(n)) - relevant))))
    order = np.array(sorted(relevant, key=lambda p: -scores[p]), dtype=np.int32)
    ranks, shown = rank(scores, order, np.array(sorted(masked), dtype=np.int32), 4)
    assert ranks.tolist() == slow_ranks(scores, relevant, masked)
    allowed = [p for p in range(n) if p not in masked and scores[p] > 0]
    best = sorted(allowed, key=lambda p: (-scores[p], p))[:4]
    assert shown.tolist() == best + [-1] * (4 - len(best))


def test_a_model_that_says_nothing_earns_nothing():
    """All scores equal: the wanted product stands last."""
    ranks, shown = rank(np.zeros(50), np.array([7], np.int32), np.array([1, 2], np.int32), 5)
    assert ranks.tolist() == [48]
    assert shown.tolist() == [-1] * 5
