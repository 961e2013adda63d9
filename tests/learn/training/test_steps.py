"""Event weights and fading: learned, tried on held-out time, and recorded."""

from dataclasses import replace

import numpy as np
import pytest

from splitshelf.core.clock import DAY
from splitshelf.core.events import EVENT_CODES, EventType
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.training.steps import LearnedWeight, believed, taken, thinned

CART = LearnedWeight(EventType.ADD_TO_CART, 12.0, 9.0, 15.0)
VAGUE = LearnedWeight(EventType.WISHLIST, 9.0, 1.0, 40.0)


def rng():
    """The same generator for everybody."""
    return np.random.default_rng(3)


def drifting(days=400, shoppers=600, turning=0.8):
    """A product is followed by the next one, from `turning` of the time on by the one before."""
    draw = np.random.default_rng(1)
    rows, times = [], []
    for _ in range(shoppers):
        day = float(draw.uniform(0, days - 2))
        product, step = int(draw.integers(40)), 1 if day < turning * days else -1
        rows.append([(product + place * step) % 40 for place in range(5)])
        times += [int((day + place / 3) * DAY) for place in range(5)]
    dataset = Dataset.from_sequences(rows, 40)
    return replace(dataset, times=np.array(times), until=days * DAY)


def test_only_narrow_intervals_are_believed():
    """The cart's is, the wish's is not; a purchase weighs at least as much as a cart."""
    table = believed([CART, VAGUE])
    assert table[EventType.ADD_TO_CART] == 12.0
    assert table[EventType.WISHLIST] == 2.0
    assert table[EventType.PURCHASE] == 12.0
    assert believed([VAGUE]) == {}


def test_learned_weights_reach_the_turns_and_are_recorded():
    """Where held-out time does not speak against them, they are what turns weigh."""
    dataset = drifting()
    types = dataset.types.copy()
    types[::7] = EVENT_CODES[EventType.ADD_TO_CART]
    stepped, steps = taken(replace(dataset, types=types), [CART], rng())
    assert steps.learned
    assert steps.weights["add_to_cart"] == 12.0
    assert set(stepped.turns().weights.tolist()) == {12.0}
    assert steps.tried.keys() >= {"as it is", "learned weights"}


def test_a_shop_that_changes_forgets_and_one_that_does_not_keeps():
    """The newest order of things wins only where old turns fade."""
    stepped, steps = taken(drifting(), [], rng())
    assert steps.half_life in {40.0, 120.0}
    assert stepped.half_life == steps.half_life
    assert steps.tried[f"half-life of {steps.half_life:g} days"] > 1.01 * steps.tried["as it is"]
    _, steps = taken(drifting(turning=2.0), [], rng())
    assert steps.half_life is None
    assert len(steps.tried) > 1


def test_a_half_life_halves():
    """A pair whose turns are one half-life old counts half of a fresh one."""
    dataset = Dataset.from_sequences([[0, 1], [2, 3]])
    times = np.array([0, 0, 10, 10]) * DAY
    turns = replace(dataset, times=times, until=10 * DAY, half_life=10.0).turns()
    assert turns.fading is not None
    assert turns.fading.tolist() == pytest.approx([0.5, 0.5, 1.0, 1.0])


def test_a_short_log_is_left_as_it_is():
    """Nothing to try on: the defaults hold, and nothing is said to be tried."""
    dataset = Dataset.from_sequences([[0]])
    stepped, steps = taken(dataset, [CART], rng())
    assert stepped is dataset
    assert not steps.learned
    assert steps.tried == {}
    assert thinned(dataset) is dataset
