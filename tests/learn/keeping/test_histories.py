"""Histories follow the log, shopper by shopper."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learn.models.test_tallies import world
from splitshelf.core.clock import DAY
from splitshelf.learn.keeping.histories import exchanged, gathered

COLUMNS = ("offsets", "products", "types", "times", "sessions", "contexts")


def same(one, two):
    """Whether two datasets hold the same acts."""
    assert {field.name for field in fields(one)} > set(COLUMNS)
    for name in COLUMNS:
        assert getattr(one, name).tolist() == getattr(two, name).tolist(), name


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1_000), st.lists(st.integers(1, 59), min_size=1, max_size=4))
def test_whatever_is_exchanged_the_histories_are_those_of_the_log(seed, days):
    """Day after day, in any order, backwards too: shoppers come, act, and lose their acts."""
    whole = world(seed)
    now = replace(whole.before(days[0] * DAY), until=whole.until)
    found = now
    for day in days[1:]:
        then = replace(whole.before(day * DAY), until=whole.until)
        touched = np.flatnonzero(np.diff(now.offsets) != np.diff(then.offsets)).astype(np.int32)
        found = exchanged(found, touched, gathered(then, touched), whole.n_shoppers)
        now = then
    same(found, now)


def test_a_forgotten_shopper_is_in_no_history():
    """Nothing of theirs is left, and nothing of anybody else's is lost."""
    whole = world(7)
    gone = np.array([3, 40], dtype=np.int32)
    nothing = gathered(whole, np.empty(0, np.int32))
    nothing = replace(nothing, offsets=np.zeros(3, np.int64), context_names=())
    same(
        exchanged(whole, gone, nothing, whole.n_shoppers),
        whole.select(~np.isin(whole.shoppers(), gone)),
    )


@pytest.mark.parametrize("extra", [0, 2])
def test_new_shoppers_come_last(extra):
    """Those without acts have a place too."""
    whole = world(2)
    first = gathered(whole, np.array([5], dtype=np.int32))
    n = whole.n_shoppers + 1 + extra
    more = exchanged(whole, np.array([n - 1], dtype=np.int32), first, n)
    assert np.diff(more.offsets)[-1] == len(first)
    assert more.products.tolist() == [*whole.products.tolist(), *first.products.tolist()]
