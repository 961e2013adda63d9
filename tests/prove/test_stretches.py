"""What was before an experiment is counted as it would be in one."""

from datetime import timedelta

import numpy as np
import pytest

from prove_worlds import START, event, experiment, exposure
from splitshelf.core.events import EventType
from splitshelf.core.products import Product
from splitshelf.prove.aggregation import refresh
from splitshelf.prove.columns import COLUMNS
from splitshelf.prove.reading import unit_of
from splitshelf.prove.stretches import read_stretch

DAY = timedelta(days=1)
PLAN = experiment(outcomes=("margin_per_shopper",))


def fill(store, shoppers=40):
    """Shoppers who are shown a slate on some of six days, and click, buy and come back."""
    rng = np.random.default_rng(3)
    store.put_products([Product(id="a", title="A", price=10, currency="EUR", cost=4)])
    slates, events = [], []
    for shopper in range(shoppers):
        for day in np.flatnonzero(rng.random(6) < 0.5).tolist():
            name, at = f"{shopper}-{day}", START + day * DAY + timedelta(minutes=shopper)
            slates.append(exposure(f"x{name}", f"s{shopper}", "control", at))
            later = at + timedelta(seconds=30)
            events.append(
                event(f"v{name}", f"s{shopper}", EventType.VIEW, later, exposure=f"x{name}")
            )
            if rng.random() < 0.4:
                events.append(event(f"p{name}", f"s{shopper}", EventType.PURCHASE, later, 10.0))
    store.append_exposures(sorted(slates, key=lambda one: one.at))
    store.append(sorted(events, key=lambda one: one.at))


def test_a_stretch_counts_what_an_experiment_counts(store):
    """Over the same days every column of every shopper is the same as in the tally."""
    fill(store)
    end = START + 7 * DAY
    found, tally = read_stretch(PLAN, store, START, end), refresh(PLAN, store, end)
    assert found.units.tolist() == tally.units.tolist()
    assert found.first.tolist() == tally.first.tolist()
    for name in COLUMNS:
        np.testing.assert_array_equal(found.columns[name], tally.columns[name], err_msg=name)
    assert (found.columns["active_days"] >= 2).any()
    assert found.columns["margin"].max() > 0


def test_strangers_have_the_columns_of_nobody(store):
    """Asked for others, a stretch says what a shopper has before the first day."""
    fill(store, shoppers=3)
    found = read_stretch(PLAN, store, START, START + 7 * DAY)
    columns = found.of(np.array([unit_of("nobody"), found.units[0]], dtype=np.uint64))
    assert columns["slates"].tolist() == [0, found.columns["slates"][0]]
    assert np.isnan(columns["delay"][0])


def test_other_placements_do_not_count(store):
    """Only what stood where the experiment will stand explains what happens there."""
    fill(store, shoppers=3)
    plan = experiment(placements=("cart",))
    found = read_stretch(plan, store, START, START + 7 * DAY)
    assert found.columns["slates"].sum() == 0
    assert found.columns["orders"].sum() == pytest.approx(
        read_stretch(PLAN, store, START, START + 7 * DAY).columns["orders"].sum()
    )
