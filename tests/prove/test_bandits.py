"""Bandits deal more shoppers to what earns more, and their analysis stays valid all the same."""

from datetime import timedelta

import msgspec
import numpy as np
import pytest

from prove_worlds import START, event, experiment, exposure
from splitshelf.core.assignment import assign
from splitshelf.core.errors import InputError
from splitshelf.core.events import EventType
from splitshelf.core.experiments import Kind
from splitshelf.prove.bandits import Batch, DayOfArm, batches, dealt, stratified
from splitshelf.prove.experiments import start
from splitshelf.prove.statistics.thompson import allocation
from splitshelf.prove.summaries import Summary
from splitshelf.prove.verdicts import judge

BANDIT = experiment(id="deal", kind=Kind.BANDIT)


def live(store, days, buys, shoppers=300):
    """Days on which everybody comes once and buys by chance; the plan deals anew each day."""
    rng = np.random.default_rng(5)
    for day in range(days):
        now = START + timedelta(days=day)
        today = dealt(BANDIT, store, now)
        shown, bought = [], []
        for number in range(shoppers):
            shopper = f"d{day}-{number}"
            arm = assign(today, shopper).name
            shown.append(exposure(f"x-{shopper}", shopper, arm, now, "deal"))
            if rng.random() < buys[arm]:
                later = now + timedelta(minutes=5)
                bought.append(event(f"p-{shopper}", shopper, EventType.PURCHASE, later, 10.0))
        store.append_exposures(shown)
        store.append(bought)
    return dealt(BANDIT, store, START + timedelta(days=days))


def test_what_earns_more_is_dealt_more(store):
    """After ten days nearly all but the floor sees the better variant; the verdict ships it."""
    today = live(store, 10, {"control": 0.1, "personal": 0.25})
    assert today.variants[1].weight == pytest.approx(0.9, abs=0.02)
    assert today.variants[0].weight >= 0.1 - 1e-9
    verdict = judge(BANDIT, store, START + timedelta(days=10))
    assert verdict.decision == "ship"
    assert verdict.guards["sample_ratio"].status == "ok"
    assert len(verdict.allocation) == 11
    one = verdict.outcomes["conversion"]["personal"]
    assert one.low < 0.15 < one.high


@pytest.mark.parametrize("contexts", [(), ("device",)])
def test_events_that_come_late_are_counted_a_day_later(store, contexts):
    """What was queued over midnight is not lost: a day is counted again when the next has ended."""
    plan = msgspec.structs.replace(BANDIT, contexts=contexts)
    slates = [exposure(f"x{n}", f"s{n}", "control", START, "deal") for n in range(20)]
    store.append_exposures([msgspec.structs.replace(one, variant_chance=0.5) for one in slates])
    dealt(plan, store, START)
    dealt(plan, store, START + timedelta(days=1))
    assert batches(plan, store)[0].arms[0].mean == 0
    store.append([event("late", "s1", EventType.PURCHASE, START + timedelta(hours=1), 5.0)])
    dealt(plan, store, START + timedelta(days=1, hours=1))
    assert batches(plan, store)[0].arms[0].mean == 0
    dealt(plan, store, START + timedelta(days=2))
    assert batches(plan, store)[0].arms[0].mean == pytest.approx(1 / 20)


def test_days_that_ended_are_read_no_third_time(store):
    """Their sums are kept: they do not change when the log does."""
    live(store, 3, {"control": 0.1, "personal": 0.1}, shoppers=60)
    kept = batches(BANDIT, store)
    store.append([event("late", "d0-1", EventType.PURCHASE, START + timedelta(hours=1), 5.0)])
    dealt(BANDIT, store, START + timedelta(days=4))
    assert batches(BANDIT, store)[:3] == kept[:3]


def test_the_split_of_a_day_is_its_weights():
    """Today's shares are what a day's shoppers get, and days are dealt independently."""
    arms = tuple(
        msgspec.structs.replace(one, weight=w)
        for one, w in zip(BANDIT.variants, (0.2, 0.8), strict=True)
    )
    days = [msgspec.structs.replace(BANDIT, variants=arms, batch=str(day)) for day in (1, 2)]
    got = np.array([[assign(day, f"s{n}").name == "personal" for n in range(5000)] for day in days])
    np.testing.assert_allclose(got.mean(axis=1), 0.8, atol=0.02)
    assert abs(np.corrcoef(got)[0, 1]) < 0.05


@pytest.mark.parametrize(
    ("changes", "said"), [({"primary": "click_through"}, "ratio"), ({"floor": 0.6}, "floor")]
)
def test_a_plan_that_cannot_be_dealt_is_refused(store, changes, said):
    """A ratio has no posterior here; a floor must leave room."""
    with pytest.raises(InputError, match=said):
        start(msgspec.structs.replace(BANDIT, **changes), store, START, ("popular", "additive"))


def simulated(rng, rates, days=30, size=200, floor=0.1, drift=0.0):
    """The batches of a bandit, and the regret against always dealing the best, per shopper."""
    sums = [Summary.empty(1) for _ in rates]
    found, regret = [], 0.0
    for day in range(days):
        shares = allocation(sums, "proportion", rng, floor=floor, draws=500)
        arms = []
        for code, count in enumerate(rng.multinomial(size, shares)):
            rate = min(rates[code] + drift * day, 1.0)
            one = Summary.of((rng.random(count) < rate).astype(float))
            sums[code] += one
            arms.append(DayOfArm(n=one.n, mean=float(one.mean[0]), m2=float(one.m2[0, 0])))
            regret += count * (max(rates) - rates[code])
        found.append(Batch(day=day, weights=tuple(shares), arms=tuple(arms)))
    return found, regret / (days * size)


def test_it_costs_less_than_an_even_split():
    """Over 30 simulated bandits the regret is below half of an even split's."""
    rng = np.random.default_rng(2)
    regret = np.mean([simulated(rng, (0.1, 0.15, 0.2))[1] for _ in range(30)])
    assert regret < 0.5 * np.mean([0.1, 0.05, 0.0])


def test_intervals_cover_though_shares_follow_the_outcome_and_rates_drift():
    """Pooling over days would be biased when conversion rises; comparing within days is not."""
    rng = np.random.default_rng(3)
    covered = 0
    for _ in range(400):
        days, _ = simulated(rng, (0.1, 0.13), days=15, size=400, drift=0.01)
        one = stratified(days, 1, 0.05)
        covered += one.low <= 0.03 <= one.high
    assert 0.92 <= covered / 400 <= 0.98
