"""The holdout tells what everything earns together, whatever experiments run meanwhile."""

from datetime import timedelta
from decimal import Decimal

import msgspec
import numpy as np
import pytest

from prove_worlds import START, event, experiment, exposure
from splitshelf.core.assignment import assign
from splitshelf.core.events import EventType
from splitshelf.core.experiments import HELD, TREATED, Status
from splitshelf.core.products import Product
from splitshelf.core.settings import ExperimentSettings
from splitshelf.prove.experiments import changes, experiments
from splitshelf.prove.holdouts import keep_holdout
from splitshelf.prove.verdicts import judge

FIFTH = ExperimentSettings(holdout=0.2)


def test_the_settings_keep_it(store):
    """Begun once, found again, begun anew with another share, ended by 0; each step is recorded."""
    first = keep_holdout(FIFTH, "personal", store, START)
    assert keep_holdout(FIFTH, "personal", store, START + timedelta(days=1)) == first
    other = keep_holdout(ExperimentSettings(holdout=0.1), "personal", store, START)
    assert other.id == "holdout-2"
    assert [one.id for one in experiments(store, Status.RUNNING)] == ["holdout-2"]
    assert keep_holdout(ExperimentSettings(holdout=0), "personal", store, START) is None
    assert not experiments(store, Status.RUNNING)
    assert [change.what for change in changes(first.id, store)] == ["started", "stopped"]


def test_a_smaller_holdout_holds_out_some_of_the_same_shoppers(store):
    """Whoever is held out at 5 % was held out at 20 %; the shares are what the settings say."""
    many = keep_holdout(FIFTH, "personal", store, START)
    few = keep_holdout(ExperimentSettings(), "personal", store, START)
    units = [f"s{number}" for number in range(20_000)]
    held_many = {unit for unit in units if assign(many, unit).name == HELD}
    held_few = {unit for unit in units if assign(few, unit).name == HELD}
    assert held_few < held_many
    assert len(held_few) / 20_000 == pytest.approx(0.05, abs=0.006)
    assert len(held_many) / 20_000 == pytest.approx(0.2, abs=0.01)


def fill(store, plan, lift, shoppers=5000):
    """Everybody else buys more often by `lift`; half of them are in another experiment."""
    rng = np.random.default_rng(4)
    store.put_products(
        [Product(id="a", title="A", price=Decimal(20), currency="EUR", cost=Decimal(15))]
    )
    shown, bought = [], []
    for number in range(shoppers):
        shopper = f"s{number}"
        arm = assign(plan, shopper).name
        at = START + timedelta(minutes=number)
        row = exposure(f"x{number}", shopper, arm, at, plan.id)
        if arm == TREATED:
            other = "home-shelf" if number % 2 else None
            variant = "personal" if number % 2 else None
            row = msgspec.structs.replace(row, experiment=other, variant=variant)
        shown.append(row)
        if rng.random() < 0.1 * (1 + lift * (arm == TREATED)):
            bought.append(event(f"p{number}", shopper, EventType.PURCHASE, at, 20.0))
    tester = exposure("forced", "tester", "personal", START, plan.id)
    store.append_exposures([*shown, msgspec.structs.replace(tester, experiment=None)])
    store.append(bought)
    return len(bought)


def test_it_says_what_everything_earned(store):
    """Revenue and margin over all who were not held out, with bounds that hold at every look."""
    plan = keep_holdout(FIFTH, "personal", store, START)
    fill(store, plan, lift=1.0)
    verdict = judge(plan, store, START + timedelta(days=6))
    assert verdict.decision == "pays"
    assert sum(verdict.shoppers.values()) == 5000
    revenue, margin = (
        verdict.incremental[name] for name in ("revenue_per_shopper", "margin_per_shopper")
    )
    treated = verdict.shoppers[TREATED]
    assert revenue.low < 0.1 * 20 * treated < revenue.high
    assert revenue.low > 0
    assert margin.value == pytest.approx(revenue.value / 4)
    assert verdict.winner is None


def test_without_a_gain_it_does_not_tell_yet(store):
    """No lift: undecided, with the bounds in the sentence; nothing to ship."""
    plan = keep_holdout(FIFTH, "personal", store, START)
    fill(store, plan, lift=0.0)
    verdict = judge(plan, store, START + timedelta(days=6))
    assert verdict.decision == "undecided"
    assert "may earn or cost" in verdict.why


def test_running_experiments_share_shoppers_with_it(store):
    """The holdout is no interaction for another experiment: nobody is in both."""
    plan = keep_holdout(FIFTH, "personal", store, START)
    fill(store, plan, lift=0.0, shoppers=800)
    judge(plan, store, START + timedelta(days=2))
    verdict = judge(experiment(), store, START + timedelta(days=2))
    assert "interactions" not in verdict.guards


def test_before_the_first_purchase_it_says_so(store):
    """No bounds yet: a sentence without numbers that are none."""
    plan = keep_holdout(FIFTH, "personal", store, START)
    shown = [
        exposure(f"x{n}", f"s{n}", assign(plan, f"s{n}").name, START, plan.id) for n in range(50)
    ]
    store.append_exposures([one for one in shown if one.variant == HELD])
    verdict = judge(plan, store, START + timedelta(days=1))
    assert verdict.decision in {"undecided", "void"}
    assert "nan" not in verdict.why
