"""Verdicts ship what is better, keep what is not, wait where it is too early, and can be void."""

from datetime import timedelta

import msgspec
import numpy as np
import pytest

from prove_worlds import START, event, experiment, exposure, fill
from splitshelf.core.assignment import assign
from splitshelf.core.events import EventType
from splitshelf.prove.looks import taken
from splitshelf.prove.verdict import Decision, Method
from splitshelf.prove.verdicts import judge

LATER = START + timedelta(days=10)
RATES = {
    Decision.SHIP: {"control": 0.1, "personal": 0.3},
    Decision.KEEP: {"control": 0.3, "personal": 0.1},
    Decision.UNDECIDED: {"control": 0.2, "personal": 0.2},
}


@pytest.mark.parametrize("decision", RATES)
@pytest.mark.parametrize("planned", [0, 3000])
def test_the_decision_follows_the_world(store, decision, planned):
    """A large gain ships, a large loss keeps, and no difference stays open while shoppers come."""
    plan = experiment(planned_shoppers=planned)
    fill(store, plan, np.random.default_rng(7), 2000, buys=RATES[decision].get)
    got = judge(plan, store, LATER)
    assert got.decision == decision, got.detail
    assert got.method == (Method.PLANNED if planned else Method.ALWAYS_VALID)
    assert sum(got.shoppers.values()) == 2000
    assert got.guards["sample_ratio"].status == "ok"


def test_a_finished_plan_without_a_gain_keeps_the_control(store):
    """When every planned shopper is in and nothing was found, the answer is to keep."""
    plan = experiment(planned_shoppers=1000, looks=2)
    fill(store, plan, np.random.default_rng(8), 1000, buys=lambda _: 0.2)
    assert judge(plan, store, LATER).decision is Decision.KEEP


def test_a_missing_arm_voids_the_verdict(store):
    """When a fifth of one arm never arrives, even a huge gain is no verdict."""
    plan = experiment()
    fill(store, plan, np.random.default_rng(9), 2000, buys=RATES[Decision.SHIP].get)
    extra = [exposure(f"e{n}", f"extra{n}", "control", START) for n in range(250)]
    store.append_exposures(extra)
    got = judge(plan, store, LATER)
    assert got.decision is Decision.VOID
    assert got.winner is None
    assert got.guards["sample_ratio"].status == "void"


def test_a_look_is_recorded_once(store):
    """Looking again without new shoppers takes no new look and spends no alpha."""
    plan = experiment(planned_shoppers=1000, looks=4)
    rng = np.random.default_rng(10)
    fill(store, plan, rng, 600, buys=lambda _: 0.2)
    first = judge(plan, store, LATER)
    assert judge(plan, store, LATER).looks == first.looks
    assert [look.number for look in first.looks] == [2]
    fill(store, plan, rng, 400, buys=lambda _: 0.2, prefix="t", begin=LATER)
    last = judge(plan, store, LATER + timedelta(days=10))
    assert [look.number for look in last.looks] == [2, 4]
    assert last.looks == taken(plan, store)
    assert last.looks[1].bound == pytest.approx(1.977, abs=0.01)


def test_a_guardrail_that_is_not_shown_safe_holds_the_winner_back(store):
    """Conversion wins, but revenue has a margin that so few shoppers cannot rule out."""
    plan = experiment(guardrails={"revenue_per_shopper": 0.001}, primary="click_through")
    fill(store, plan, np.random.default_rng(11), 400, buys=lambda _: 0.2)
    got = judge(plan, store, LATER)
    assert not got.guardrails["revenue_per_shopper"]["personal"].safe
    assert got.decision is Decision.UNDECIDED


def test_before_the_first_shopper_nothing_is_said(store):
    """An experiment without data has a verdict all the same: undecided, in valid JSON."""
    got = judge(experiment(), store, START + timedelta(hours=1))
    assert got.decision is Decision.UNDECIDED
    assert msgspec.json.decode(msgspec.json.encode(got))["guards"] == {}


def test_what_was_before_is_taken_out(store):
    """With CUPED the interval of revenue narrows when shoppers spend as they did before."""
    rng = np.random.default_rng(12)
    plan = experiment(primary="revenue_per_shopper", outcomes=(), before_days=14)
    exposures, events = [], []
    for number in range(600):
        shopper = f"s{number}"
        habit = float(rng.lognormal(3, 1))
        variant = assign(plan, shopper)
        exposures.append(exposure(f"x{number}", shopper, variant.name, START))
        for name, when in (("b", START - timedelta(days=3)), ("a", START + timedelta(hours=2))):
            price = round(habit * float(rng.uniform(0.8, 1.2)), 2)
            events.append(event(f"{name}{number}", shopper, EventType.PURCHASE, when, price))
    store.append_exposures(exposures)
    store.append(events)
    adjusted = judge(plan, store, LATER).outcomes["revenue_per_shopper"]["personal"]
    plain = judge(experiment(id="p", primary="revenue_per_shopper", outcomes=()), store, LATER)
    assert plain.shoppers == {"control": 0, "personal": 0}
    store.delete_document("tally", plan.id)
    bare = msgspec.structs.replace(plan, before_days=0)
    unadjusted = judge(bare, store, LATER).outcomes["revenue_per_shopper"]["personal"]
    assert adjusted.error < 0.3 * unadjusted.error
    assert adjusted.low < 0 < adjusted.high


def test_machines_are_left_out(store):
    """Whoever acts more than a thousand times a day is no shopper, in whatever arm."""
    plan = experiment()
    fill(store, plan, np.random.default_rng(13), 200, buys=lambda _: 0.2)
    robot = [
        event(f"r{n}", "s7", EventType.VIEW, LATER - timedelta(days=2, seconds=n))
        for n in range(1100)
    ]
    store.append(robot)
    got = judge(plan, store, LATER)
    assert sum(got.shoppers.values()) == 199
    assert "Left out" in got.guards["bots"].detail
