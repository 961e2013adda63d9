"""Windows cover every history, and packing loses nothing."""

import numpy as np

from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.deep.networks import described_by, visible
from splitshelf.learn.deep.packing import hold_back, pack, windows_of
from worlds import checkerboard


def turns_of(*rows):
    """The turns of shoppers with these products."""
    return Dataset.from_sequences(rows).turns()


def pairs(rows):
    """What follows what, from packed rows."""
    asked = rows.targets >= 0
    return sorted(zip(rows.products[asked].tolist(), rows.targets[asked].tolist(), strict=True))


def test_every_step_of_a_history_is_asked_once():
    """Windows of three cut a history of eight from its end; each step is in one of them."""
    turns = turns_of(range(8), [8], [9, 10])
    windows = windows_of(turns, 3)
    assert windows.sizes.tolist() == [3, 3, 1, 1]
    rows = pack(windows, np.ones(len(turns.products), dtype=bool))
    assert pairs(rows) == [(p, p + 1) for p in range(7)] + [(9, 10)]


def test_rows_hold_the_same_in_any_order():
    """Order moves windows about and changes none of them; a row is full before the next."""
    turns = checkerboard(shoppers=200).turns()
    windows = windows_of(turns, 20)
    asked = np.ones(len(turns.products), dtype=bool)
    mixed = pack(windows, asked, np.random.default_rng(1).permutation(200))
    assert pairs(mixed) == pairs(pack(windows, asked))
    assert (mixed.products >= 0).mean() > 0.8


def test_an_event_sees_only_what_came_before_in_its_window():
    """Neighbours in a row belong to other shoppers and stay unseen, and so does the future."""
    turns = turns_of([0, 1, 2], [3, 4, 5])
    rows = pack(windows_of(turns, 20), np.ones(6, dtype=bool))
    seen = visible(rows)[0]
    assert seen[:4, :4].astype(int).tolist() == [
        [1, 0, 0, 0],
        [1, 1, 0, 0],
        [0, 0, 1, 0],
        [0, 0, 1, 1],
    ]


def test_what_is_held_back_is_the_newest_turn_of_some():
    """One turn a chosen shopper, none of those with two turns."""
    turns = turns_of([0, 1, 2], [3, 4], [5, 6, 7], [8, 9, 10])
    held = hold_back(turns, 1.0, 2, np.random.default_rng(0))
    assert held.sum() == 2
    assert set(turns.products[held].tolist()) <= {2, 7, 10}


def test_the_rarest_shared_attributes_describe_a_product():
    """What only one product has teaches nothing; the rarest of the others come first."""
    offsets = np.array([0, 3, 5, 6, 6])
    codes = np.array([0, 1, 2, 0, 1, 0], dtype=np.int32)
    table, none = described_by(offsets, codes, 2)
    assert none == 3
    assert table.tolist() == [[1, 0], [1, 0], [0, 3], [3, 3]]
