"""Co-visits: pairs by distance and direction, as computed by hand."""

from dataclasses import replace

import numpy as np
import pytest

from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.models import covisits
from worlds import CONTEXT, activity


def weights(rows, **config):
    """The weight of each kept pair."""
    dataset = Dataset.from_sequences(rows)
    model = covisits.fit(covisits.Config(**config), dataset, np.random.default_rng(0))
    table = model.neighbours
    sources = np.repeat(np.arange(dataset.n_products), np.diff(table.offsets))
    pairs = zip(sources.tolist(), table.products.tolist(), strict=True)
    return dict(zip(pairs, table.weights.tolist(), strict=True))


def test_distance_and_direction_weigh_a_pair():
    """One shopper, three products: each step apart costs a tenth, the way back counts 0.3."""
    found = weights([[0, 1, 2]], source_exponent=0, target_exponent=0, shrinkage=0)
    assert found == pytest.approx(
        {(0, 1): 1, (0, 2): 0.9, (1, 2): 1, (1, 0): 0.3, (2, 1): 0.3, (2, 0): 0.27}
    )


def test_popularity_and_shrinkage_divide():
    """The weight is count / (n_s^0.4 n_t^0.05 + 1)."""
    found = weights([[0, 1], [0, 1], [0, 2]])
    assert found[0, 1] == pytest.approx(2 / (3**0.4 * 2**0.05 + 1))
    assert found[2, 0] == pytest.approx(0.3 / (1 * 3**0.05 + 1))


def test_nobody_connects_two_shoppers():
    """The last product of one and the first of the next are no pair."""
    assert weights([[0], [1]]) == {}


def test_only_the_best_neighbours_are_kept():
    """Two of three neighbours, the heavier ones."""
    rows = [[0, 1], [0, 1], [0, 2], [0, 2], [0, 3]]
    found = weights(rows, neighbours=2)
    assert [pair for pair in found if pair[0] == 0] == [(0, 1), (0, 2)]


def test_each_step_back_counts_less():
    """The older event keeps 0.52 of its strength."""
    dataset = Dataset.from_sequences([[0, 2], [1, 2]])
    model = covisits.fit(covisits.Config(), dataset, np.random.default_rng(0))
    parts = model.evidence(activity(0, 1), CONTEXT, 2)
    assert parts[0].value == pytest.approx(0.52 * parts[1].value)
    assert [part.supporters for part in parts] == [1, 1]


def test_the_lines_of_an_order_are_no_sequence():
    """Within one instant both ways count 1, and what follows is one step away from all."""
    world = Dataset.from_sequences([[0, 1, 2]])
    world = replace(world, times=np.array([0, 0, 5], dtype=np.int64))
    config = covisits.Config(source_exponent=0, target_exponent=0, shrinkage=0)
    table = covisits.fit(config, world, np.random.default_rng(0)).neighbours
    pairs = {
        (s, t): table.weights[table.entry(s, t)]
        for s, t in [(0, 1), (1, 0), (0, 2), (1, 2), (2, 0)]
    }
    assert pairs == pytest.approx({(0, 1): 1, (1, 0): 1, (0, 2): 1, (1, 2): 1, (2, 0): 0.3})


def test_a_large_log_gets_by_with_a_shorter_reach():
    """With room for six pairs, three turns are paired with their direct neighbours only."""
    assert set(weights([[0, 1, 2]], pairs=6)) == {(0, 1), (1, 0), (1, 2), (2, 1)}


def test_a_cut_row_is_the_best_of_the_whole_row():
    """Whatever is dropped on the way: of those that tie for the last place the first stay."""
    rng = np.random.default_rng(8)
    rows = [rng.integers(0, 60, 12).tolist() for _ in range(300)]
    dataset = Dataset.from_sequences(rows, 60)
    whole, some = (
        covisits.fit(covisits.Config(neighbours=kept), dataset, rng).neighbours for kept in (60, 3)
    )
    for product in range(60):
        part = slice(*whole.offsets[product : product + 2])
        order = np.lexsort((whole.products[part], -whole.weights[part]))[:3]
        kept = slice(*some.offsets[product : product + 2])
        best = whole.products[part][order]
        assert sorted(some.products[kept].tolist()) == sorted(best.tolist())
