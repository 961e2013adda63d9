"""Neighbours of neighbours, by hand."""

import numpy as np
import pytest

from splitshelf.learn.hops import through
from splitshelf.learn.neighbours import NeighbourModel, Neighbours
from worlds import CONTEXT, activity


def rows(table):
    """A model of a dense table; the neighbours in a row are in no order of weight."""
    dense = np.array(table, dtype=np.float32)
    lists = [np.flatnonzero(row) for row in dense]
    products = np.concatenate(lists).astype(np.int32)
    weights = np.concatenate([row[places] for row, places in zip(dense, lists, strict=True)])
    offsets = np.cumsum([0, *map(len, lists)])
    none = np.empty(0, dtype=np.int32)
    return NeighbourModel("rows", Neighbours(offsets, products, weights, none), 0.5, {})


def test_two_steps_are_the_product_of_the_tables_without_the_way_back():
    """0 to 1 and 2, those to 3 and 0: only 3 remains, with both ways added."""
    first = rows([[0, 2, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    second = rows([[0, 0, 0, 0], [4, 0, 0, 3], [0, 0, 0, 5], [0, 0, 0, 0]])
    scores = through(first, second).score_all(activity(0), CONTEXT)
    assert scores / scores[3] == pytest.approx([0, 0, 0, 1])
    one = first.strengths(activity(0))[0]
    assert scores[3] == pytest.approx(one * (2 * 3 + 1 * 5))


def test_only_the_nearest_are_walked_and_the_best_kept():
    """With one neighbour a step, the lighter way is not taken."""
    first = rows([[0, 1, 2, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    second = rows([[0, 0, 0, 0], [0, 0, 0, 5], [0, 1, 0, 3], [0, 0, 0, 0]])
    scores = through(first, second, near=1, kept=1).score_all(activity(0), CONTEXT)
    assert np.flatnonzero(scores).tolist() == [3]
