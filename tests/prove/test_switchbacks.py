"""A switchback compares days, in pairs, and so is right where shoppers share the stock."""

from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import pytest

from prove_worlds import START, event, experiment, exposure
from splitshelf.core.assignment import assign, first_day, variant_of_day
from splitshelf.core.context import Context
from splitshelf.core.days import day_bounds, local_day
from splitshelf.core.errors import Conflict, InputError
from splitshelf.core.events import EventType
from splitshelf.core.experiments import Kind, Namespace, Status, Variant
from splitshelf.core.requests import Policy, ShelfRequest
from splitshelf.prove.experiments import ramp, start
from splitshelf.prove.report import report
from splitshelf.prove.switchback_verdicts import carried, kept
from splitshelf.prove.switchbacks import (
    Pairs,
    SwitchbackDay,
    ended_days,
    flip_p,
    on_its_day,
    paired,
)
from splitshelf.prove.verdicts import judge
from splitshelf.serve.choosing import choose

POLICIES = ("popular", "additive")
BERLIN = "Europe/Berlin"


def switchback(**changes):
    """A switchback of 28 days."""
    return experiment(**{"kind": Kind.SWITCHBACK, "planned_days": 28, "zone": BERLIN} | changes)


def test_each_pair_of_days_has_both_variants_and_the_order_is_fair():
    """Over many experiments half of the pairs begin with the control; no day is without."""
    begins = []
    for number in range(100):
        plan = switchback(id=f"plan-{number}")
        days = range(first_day(plan), first_day(plan) + 28)
        names = [variant_of_day(plan, day).name for day in days]
        assert all(set(names[at : at + 2]) == {"control", "personal"} for at in range(0, 28, 2))
        begins += [names[at] == "control" for at in range(0, 28, 2)]
    assert np.mean(begins) == pytest.approx(0.5, abs=0.05)


def test_a_day_is_the_shops_and_everybody_sees_its_variant():
    """The variant changes at midnight in Berlin, which is 22:00 or 23:00 UTC, for all at once."""
    plan = switchback()
    begin, end = day_bounds(first_day(plan), BERLIN)
    assert begin == datetime(2026, 3, 2, 23, tzinfo=UTC)
    names = []
    for now in (begin - timedelta(seconds=1), begin, end - timedelta(seconds=1), end):
        today = on_its_day(plan, now)
        arms = {
            None if arm is None else arm.name for arm in (assign(today, f"s{n}") for n in range(50))
        }
        assert len(arms) == 1
        names.append(arms.pop())
    assert names[0] is None  # the day of the start is not whole
    assert names[1] == names[2] != names[3]
    last = day_bounds(first_day(plan) + 28, BERLIN)[0]
    assert assign(on_its_day(plan, last), "s1") is None
    assert assign(plan, "s1") is None


def test_a_day_lasts_23_hours_when_clocks_go_forward():
    """Days stay adjacent, whatever the clocks do."""
    day = local_day(datetime(2026, 3, 29, 12, tzinfo=UTC), BERLIN)
    begin, end = day_bounds(day, BERLIN)
    assert end - begin == timedelta(hours=23)
    assert day_bounds(day + 1, BERLIN)[0] == end


def test_a_slate_says_that_the_day_had_the_variant_by_a_coin():
    """The choice carries the day's variant and the chance of one half."""
    plan = switchback()
    today = on_its_day(plan, START + timedelta(days=1))
    policies = {name: Policy(name=name, model=name) for name in POLICIES}
    context = Context(at=START + timedelta(days=1))
    request = ShelfRequest(id="r1", shopper="ann", placement="home", context=context)
    choice = choose(request, policies, [today], policies["popular"])
    assert choice.variant == variant_of_day(plan, int(today.batch)).name
    assert choice.chance == 0.5


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"planned_days": 7}, "even number"),
        ({"planned_days": 0}, "even number"),
        ({"zone": "Mars/Olympus"}, "Mars/Olympus"),
        ({"coverage": 0.5}, "coverage of 1"),
        ({"before_days": 7}, "before_days has no meaning"),
        ({"namespace": Namespace(name="home", low=0.0, high=0.5)}, "namespace has no meaning"),
        (
            {
                "variants": (
                    Variant(name="a", policy="popular", weight=0.9),
                    Variant(name="b", policy="additive", weight=0.1),
                )
            },
            "equal weight",
        ),
    ],
)
def test_a_plan_that_cannot_switch_is_refused(store, changes, said):
    """What makes no sense by day is named."""
    with pytest.raises(InputError, match=said):
        start(switchback(**changes), store, START, POLICIES)


def test_it_cannot_be_ramped(store):
    """Everybody is in it."""
    start(switchback(), store, START, POLICIES)
    with pytest.raises(Conflict, match="switchback"):
        ramp("home-shelf", 0.5, store, START)


def live(store, plan, days, buys, shoppers=60):
    """Days on which the same shoppers come and buy by the rate of the day's variant."""
    rng = np.random.default_rng(4)
    for day in range(first_day(plan), first_day(plan) + days):
        noon = day_bounds(day, plan.zone)[0] + timedelta(hours=12)
        arm = assign(on_its_day(plan, noon), "anybody").name
        shown, bought = [], []
        for shopper in range(shoppers):
            shown.append(exposure(f"x-{day}-{shopper}", f"s{shopper}", arm, noon))
            if rng.random() < buys[arm]:
                later = noon + timedelta(minutes=5)
                bought.append(
                    event(f"p-{day}-{shopper}", f"s{shopper}", EventType.PURCHASE, later, 10)
                )
        store.append_exposures(shown)
        store.append(bought)


def test_the_verdict_waits_for_the_last_day_and_counts_days(store):
    """Undecided until all days have ended, then shipped; n is days, however many shoppers come."""
    plan = switchback(planned_days=10, status=Status.DRAFT, guardrails={"revenue_per_shopper": 0.1})
    plan = start(plan, store, START, POLICIES)
    live(store, plan, 10, {"control": 0.1, "personal": 0.5})
    early = judge(plan, store, START + timedelta(days=8))
    assert early.decision == "undecided"
    final = judge(plan, store, START + timedelta(days=12))
    assert final.decision == "ship", final.detail
    assert final.shoppers == {"control": 5, "personal": 5}
    assert final.unit == "day"
    assert "n = 10 of 10 days (5 pairs), with 600 visits" in final.detail
    one = final.outcomes["conversion"]["personal"]
    assert one.low < 0.4 < one.high
    assert final.guardrails["revenue_per_shopper"]["personal"].safe
    assert {name: found.status for name, found in final.guards.items()} == {
        "frozen_plan": "ok",
        "one_variant_a_day": "ok",
    }
    assert msgspec.json.decode(msgspec.json.encode(final))["unit"] == "day"
    assert final.adjusted["conversion"]["personal"] >= one.p
    assert "10 days: control 5, personal 5" in report(final, plan)


def test_days_that_are_over_are_read_once_and_strays_are_left_out(store):
    """A late event does not change a settled day; slates of the wrong variant void the verdict."""
    plan = start(switchback(planned_days=8), store, START, POLICIES)
    live(store, plan, 8, {"control": 0.2, "personal": 0.2})
    first = ended_days(plan, store, START + timedelta(days=5), ("conversion",))
    day = first_day(plan)
    noon = day_bounds(day, plan.zone)[0] + timedelta(hours=12)
    late = [event("late", "s1", EventType.PURCHASE, noon + timedelta(hours=1), 99)]
    store.append(late)
    again = ended_days(plan, store, START + timedelta(days=6), ("conversion",))
    assert again[: len(first) - 1] == first[:-1]
    last = day_bounds(day + 7, plan.zone)[0] + timedelta(hours=12)
    arm = variant_of_day(plan, day + 7)
    other = next(one.name for one in plan.variants if one != arm)
    strays = [exposure(f"y{n}", f"t{n}", other, last) for n in range(30)]
    store.append_exposures(strays)
    verdict = judge(plan, store, START + timedelta(days=12))
    assert verdict.decision == "void"
    assert verdict.guards["one_variant_a_day"].status == "void"


STOCK, SHOPPERS = 100, 400
BUYS = np.array([0.2, 0.4])


def sold(rng, wishes):
    """How many pieces a day sells of what its shoppers wish, by arm; stock is for all."""
    total = wishes.sum(axis=-1, keepdims=True)
    share = np.minimum(1.0, STOCK / np.maximum(total, 1))
    kept_by = wishes * share
    return np.floor(kept_by) + (rng.random(wishes.shape) < kept_by % 1)


def crowds(rng, shape):
    """How many shoppers come: a weekly rhythm and noise that lasts some days."""
    days = shape[-1]
    week = 1 + 0.2 * np.sin(2 * np.pi * np.arange(days) / 7)
    return rng.poisson(SHOPPERS * week * rng.gamma(50, 1 / 50, shape))


def switched(rng, tests, days):
    """The intervals of as many switchbacks in the market, dealt by the real hash."""
    for number in range(tests):
        plan = switchback(id=f"m{number}", planned_days=days)
        arms = [variant_of_day(plan, first_day(plan) + at) != plan.control for at in range(days)]
        visits = crowds(rng, (days,))
        wishes = rng.binomial(visits, BUYS[np.array(arms, dtype=int)])
        rates = sold(rng, wishes[:, np.newaxis])[:, 0] / visits
        yield np.array(arms), rates


def as_pairs(arms, rates):
    """The pairs of a row of days."""
    a, b = rates[~arms], rates[arms]
    turned = tuple(bool(arms[at - 1] != arms[at]) if at else None for at in range(0, len(arms), 2))
    return Pairs(a, b, turned)


def test_a_split_is_wrong_in_a_market_with_shared_stock_and_a_switchback_is_right():
    """All on the variant sell little more; the split says more than twice that, the switchback not.

    Its interval is a little wide: the weekly rhythm stands in the variance of the pairs.
    """
    rng = np.random.default_rng(1)
    visits = crowds(rng, (4000, 28))
    rates = [sold(rng, rng.binomial(visits, p)[..., np.newaxis])[..., 0] / visits for p in BUYS]
    truth = float(rates[1].mean() - rates[0].mean())
    halves = rng.binomial(SHOPPERS // 2, BUYS, size=(300, 28, 2))
    bought = sold(rng, halves).sum(axis=1) / (28 * SHOPPERS / 2)
    gap = bought[:, 1] - bought[:, 0]
    error = np.sqrt((bought * (1 - bought)).sum(axis=1) / (28 * SHOPPERS / 2))
    assert (np.abs(gap - truth) < 1.96 * error).mean() < 0.05
    assert gap.mean() > 2 * truth
    found = [paired(as_pairs(*one), 0.05) for one in switched(rng, 600, 28)]
    covered = np.mean([one.low <= truth <= one.high for one in found])
    assert 0.93 <= covered <= 0.99


def test_alike_variants_differ_in_five_of_a_hundred():
    """An A/A switchback on days with a rhythm and a drift errs as often as it says it does."""
    rng = np.random.default_rng(2)
    p, flips, carry = [], [], []
    for number in range(1000):
        plan = switchback(id=f"aa{number}")
        days = first_day(plan) + np.arange(28)
        arms = np.array([variant_of_day(plan, day) != plan.control for day in days.tolist()])
        noise = rng.normal(size=28).cumsum() * 0.3 + rng.normal(size=28)
        pairs = as_pairs(arms, 10 + np.sin(2 * np.pi * days / 7) + noise)
        p.append(paired(pairs, 0.05).p)
        if number < 200:
            flips.append(flip_p(pairs, rng))
        finding = carried(pairs)
        carry.append(finding is not None and finding.status != "ok")
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.02)
    assert np.mean(np.array(flips) < 0.05) == pytest.approx(0.05, abs=0.04)
    assert np.mean(carry) < 0.025


def test_what_a_day_leaves_to_the_next_is_found():
    """When half of the effect lasts into the next day, the guard speaks."""
    rng = np.random.default_rng(3)
    spoke = 0
    for number in range(50):
        plan = switchback(id=f"carry{number}", planned_days=56)
        days = first_day(plan) + np.arange(56)
        arms = np.array([variant_of_day(plan, day) != plan.control for day in days.tolist()])
        lasting = np.append(0, arms[:-1])
        finding = carried(
            as_pairs(arms, 10 + 2.0 * arms + 1.5 * lasting + 0.6 * rng.normal(size=56))
        )
        spoke += finding is not None and finding.status != "ok"
    assert spoke > 35


def test_the_flips_are_exact():
    """Six pairs that all favour the variant: two of 64 flips are as extreme."""
    pairs = Pairs(np.zeros(6), np.ones(6), (None,) * 6)
    assert flip_p(pairs, np.random.default_rng(0)) == pytest.approx(2 / 64)
    many = Pairs(np.zeros(30), np.ones(30), (None,) * 30)
    assert flip_p(many, np.random.default_rng(0)) < 0.001


def test_no_slate_says_nothing_about_the_days():
    """Without slates there is no finding."""
    empty = SwitchbackDay(day=1, variant=0, shoppers=0, slates=0, strays=0, values={})
    assert kept([empty]) is None
