"""Models that follow the log equal models of the whole log."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learn.models.test_tallies import same, world
from splitshelf.core.clock import DAY
from splitshelf.learn.keeping.histories import exchanged, gathered, with_visits
from splitshelf.learn.keeping.kept import PASSED, Kept
from splitshelf.learn.models import COUNTED, MODELS

KINDS = {name: MODELS[name].config() for name in (*COUNTED, *PASSED)}


def kept_of(dataset):
    """The models of a dataset, kept from now on."""
    return Kept(KINDS, dataset)


def check(kept, dataset):
    """Every model equals one that is fitted on the dataset."""
    models = kept.models(dataset.until) | kept.passed(dataset.until)
    dataset = with_visits(dataset)
    for name, config in KINDS.items():
        fitted = MODELS[name].fit(config, dataset, np.random.default_rng(0))
        if name in COUNTED:
            same(models[name], fitted)
        else:
            for key, array in fitted.arrays().items():
                assert models[name].arrays()[key].tolist() == array.tolist(), (name, key)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1_000), st.lists(st.integers(1, 59), min_size=1, max_size=4))
def test_whatever_is_exchanged_the_models_are_those_of_the_whole_log(seed, days):
    """Day after day, in any order, backwards too: shoppers come, act, and lose their acts."""
    whole = world(seed)
    now = replace(whole.before(days[0] * DAY), until=whole.until)
    kept = kept_of(now)
    for day in days[1:]:
        then = replace(whole.before(day * DAY), until=whole.until)
        touched = np.flatnonzero(np.diff(now.offsets) != np.diff(then.offsets)).astype(np.int32)
        kept.exchange(touched, gathered(then, touched), whole.n_shoppers)
        now = then
    check(kept, now)


def test_a_forgotten_shopper_is_in_no_count():
    """Taken away, the models are those of a log that never held them, and so are the histories."""
    whole = world(7)
    kept = kept_of(whole)
    gone = np.array([3, 40], dtype=np.int32)
    kept.exchange(gone, nobody(whole, len(gone)), whole.n_shoppers)
    rest = whole.select(~np.isin(whole.shoppers(), gone))
    check(kept, rest)
    assert kept.histories.products.tolist() == rest.products.tolist()


def nobody(dataset, count):
    """The histories of some shoppers who did nothing."""
    return replace(gathered(dataset, np.empty(0, np.int32)), offsets=np.zeros(count + 1, np.int64))


@pytest.mark.parametrize("extra", [0, 2])
def test_new_shoppers_come_last(extra):
    """Those without acts have a place too."""
    whole = world(2)
    first = gathered(whole, np.array([5], dtype=np.int32))
    n = whole.n_shoppers + 1 + extra
    more = exchanged(whole, np.array([n - 1], dtype=np.int32), first, n)
    assert np.diff(more.offsets)[-1] == len(first)
    assert more.products.tolist() == [*whole.products.tolist(), *first.products.tolist()]
