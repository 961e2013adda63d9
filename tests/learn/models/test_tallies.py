"""Counts that are kept up to date equal counts made anew."""

import math
from dataclasses import replace

import numpy as np
import pytest

from splitshelf.core.clock import DAY
from splitshelf.core.events import EVENT_CODES, EventType
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.models import COUNTED, MODELS
from splitshelf.learn.tallies import of_shoppers

KINDS = ("view", "add_to_cart", "purchase")


def world(seed=5, shoppers=80, products=30):
    """Views, carts and purchases of random products on random days."""
    rng = np.random.default_rng(seed)
    rows = [rng.integers(0, products, rng.integers(0, 14)).tolist() for _ in range(shoppers)]
    dataset = Dataset.from_sequences(rows, products)
    codes = [EVENT_CODES[EventType(kind)] for kind in KINDS]
    types = rng.choice(codes, size=len(dataset), p=(0.7, 0.2, 0.1)).astype(np.int8)
    shift = np.repeat(rng.integers(0, 40, shoppers), np.diff(dataset.offsets)) * DAY
    return replace(dataset, types=types, times=dataset.times + shift, until=60 * DAY)


def same(one, two):
    """Supporters to the digit, weights within float32 rounding, whatever the order in a row."""
    for name, array in one.arrays().items():
        if name in {"offsets", "supporters"} and "products" not in one.arrays():
            assert array.tolist() == two.arrays()[name].tolist()
    if "products" not in one.arrays():
        assert one.arrays()["scores"] == pytest.approx(two.arrays()["scores"], rel=1e-5, abs=1e-7)
        return
    for product in range(len(one.neighbours.offsets) - 1):
        left, right = (row(model.neighbours, product) for model in (one, two))
        assert left.keys() == right.keys()
        for key, (weight, supporters) in left.items():
            assert weight == pytest.approx(right[key][0], rel=1e-5)
            assert supporters == right[key][1]


def row(rows, product):
    """The neighbours of one product: {product: (weight, supporters)}."""
    part = slice(rows.offsets[product], rows.offsets[product + 1])
    columns = (rows.products[part], rows.weights[part], rows.supporters[part])
    return {int(p): (float(w), int(s)) for p, w, s in zip(*columns, strict=True)}


@pytest.fixture(params=list(COUNTED))
def kind(request):
    """Each kind whose counts add."""
    return request.param


def test_the_model_of_a_tally_is_the_model_of_the_log(kind):
    """Counted whole, the two ways agree."""
    dataset, config = world(), MODELS[kind].config()
    counted = COUNTED[kind]
    gauge = counted.gauge(config, dataset)
    fitted = MODELS[kind].fit(config, dataset, np.random.default_rng(0))
    same(counted.model(gauge, counted.count(gauge, dataset), dataset.until), fitted)


def test_a_forgotten_shopper_leaves_no_trace(kind):
    """Taken away, the model equals one that never met them: parts, neighbours and supporters."""
    dataset, config = world(), MODELS[kind].config()
    counted = COUNTED[kind]
    for shopper in (3, 40):
        forgotten = np.arange(dataset.n_shoppers) == shopper
        less = of_shoppers(dataset, ~forgotten)
        gauge = counted.gauge(config, less)
        theirs = counted.count(gauge, of_shoppers(dataset, forgotten))
        tally = counted.count(gauge, dataset) - theirs
        fresh = MODELS[kind].fit(config, less, np.random.default_rng(0))
        same(counted.model(gauge, tally, less.until), fresh)


@pytest.mark.parametrize("half_life", [math.inf, 40.0])
def test_a_new_tail_is_counted_alone(kind, half_life):
    """What the newest days brought, added to the old tally, equals a full count at their end."""
    dataset, config = replace(world(), half_life=half_life), MODELS[kind].config()
    counted, early = COUNTED[kind], 35 * DAY
    before = dataset.before(early)
    assert 0 < len(before) < len(dataset)
    gauge = counted.gauge(config, before)
    touched = np.diff(before.offsets) != np.diff(dataset.offsets)
    less = counted.count(gauge, of_shoppers(before, touched))
    more = counted.count(gauge, of_shoppers(replace(dataset, until=early), touched))
    tally = counted.count(gauge, before) - less + more
    fresh = MODELS[kind].fit(config, dataset, np.random.default_rng(0))
    same(counted.model(gauge, tally, dataset.until), fresh)
