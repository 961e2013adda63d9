"""CUPAC: a forecast from days before the start narrows intervals and never moves them."""

from datetime import timedelta

import numpy as np
import pytest

from prove_worlds import START, event, experiment, exposure
from splitshelf.core.assignment import assign
from splitshelf.core.errors import InputError
from splitshelf.core.events import EventType
from splitshelf.prove.experiments import start
from splitshelf.prove.measuring import adjustment, compare
from splitshelf.prove.outcomes import OUTCOMES
from splitshelf.prove.predictions import fit, forecasts, linearised, predicted, ridge
from splitshelf.prove.verdicts import judge

REVENUE = OUTCOMES["revenue_per_shopper"]
PLAN = experiment(primary="revenue_per_shopper", outcomes=(), before_days=14, predict=True)


def stretch(rng, taste, lift=0.0):
    """What shoppers of some taste do in two weeks: carts say more of it than the rare purchases."""
    carts = rng.poisson(3 * taste)
    orders = rng.poisson(0.15 * taste * (1 + lift))
    revenue = orders * rng.uniform(5, 15, len(taste))
    return {"carts": carts * 1.0, "orders": orders * 1.0, "revenue": revenue}


def test_it_covers_and_takes_more_variance_than_the_past_alone():
    """In 600 experiments 95 % intervals hold the truth, and the forecast takes more than CUPED."""
    rng = np.random.default_rng(1)
    covered, widths = [], []
    for _ in range(600):
        taste = rng.gamma(1.0, 1.0, 1500)
        earlier, before = stretch(rng, taste), stretch(rng, taste)
        found = fit(REVENUE, earlier, before)
        arm = rng.random(1500) < 0.5
        lift = np.where(arm, 0.2, 0.0)
        rows = stretch(rng, taste, lift)
        plain = rows | {f"before_{name}": one for name, one in before.items()}
        ours = plain | {"before_predicted_revenue_per_shopper": found.predict(before)}
        ends = []
        for columns in (rows, plain, ours):
            sides = {
                name: {key: one[chosen] for key, one in columns.items()}
                for name, chosen in (("control", ~arm), ("personal", arm))
            }
            ends.append(compare(REVENUE, sides, PLAN)["personal"])
        covered.append([one.low <= 0.15 * 0.2 * 10 <= one.high for one in ends])
        widths.append([one.error**2 for one in ends])
        assert found.explained > found.alone
    none, cuped, cupac = np.mean(widths, axis=0)
    assert cupac < 0.97 * cuped < cuped < none
    assert 0.93 <= np.mean(covered, axis=0)[2] <= 0.97


def test_noise_predicts_nothing_and_is_not_used():
    """Where the past says nothing, the forecast explains about nothing out of fold."""
    rng = np.random.default_rng(2)
    rows, target = rng.normal(size=(800, 20)), rng.normal(size=800)
    _, explained = ridge(rows, target)
    assert explained < 0.02
    weights, explained = ridge(rows, rows[:, 0] * 2 + target)
    assert weights[0] == pytest.approx(2, abs=0.2)
    assert explained == pytest.approx(0.8, abs=0.05)


def test_out_of_fold_is_what_refitting_says():
    """The moments give the same errors as leaving each fold out and fitting again."""
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(100, 3))
    rows -= rows.mean(axis=0)
    target = rows @ [1.0, 0.5, 0.0] + rng.normal(size=100)
    target -= target.mean()
    left = []
    for penalty in (1e-4, 1e-3, 1e-2, 1e-1, 1.0):
        lost = 0.0
        for fold in range(5):
            out = np.arange(100) % 5 == fold
            x, y = rows[~out], target[~out]
            b = np.linalg.solve(x.T @ x + penalty * 80 * np.eye(3), x.T @ y)
            lost += ((target[out] - rows[out] @ b) ** 2).sum()
        left.append(lost)
    assert ridge(rows, target)[1] == pytest.approx(1 - min(left) / (target @ target), abs=1e-9)


def test_a_ratio_is_predicted_by_its_linearised_part():
    """What a shopper adds to the numerator beyond the common rate sums to nothing."""
    values = np.array([[1.0, 2.0], [0.0, 2.0], [2.0, 2.0]])
    assert linearised(values).sum() == pytest.approx(0)
    rng = np.random.default_rng(4)
    taste = rng.beta(2, 5, 2000)
    seen = [{"slates": rng.poisson(5, 2000) + 1.0} for _ in range(3)]
    for one in seen:
        one["clicks"] = rng.binomial(one["slates"].astype(int), taste) * 1.0
        one["carts"] = rng.poisson(10 * taste) * 1.0
    clicks = OUTCOMES["click_through"]
    found = fit(clicks, seen[0], seen[1])
    assert found.better
    before = predicted({"click_through": found}, seen[1])
    rows = seen[2] | {f"before_{name}": one for name, one in before.items()}
    halves = {"control": slice(0, 1000), "personal": slice(1000, 2000)}
    sides = {name: {k: one[part] for k, one in rows.items()} for name, part in halves.items()}
    by = adjustment(clicks, sides, PLAN)
    assert by.covariate == "prediction"
    assert by.taken > 0.1
    assert compare(clicks, sides, PLAN)["personal"].p > 0.001


def test_the_verdict_says_by_what_it_adjusted(store):
    """From a log of four weeks before: fitted once, kept, used, and named with its gain."""
    rng = np.random.default_rng(5)
    plan = start(PLAN, store, START, ("popular", "additive"))
    events, slates = [], []
    for n in range(400):
        taste = rng.gamma(1.0, 1.0)
        for day in range(-28, 10):
            at = START + timedelta(days=day, hours=2)
            if rng.random() < min(0.3 * taste, 1):
                events.append(event(f"c{n}-{day}", f"s{n}", EventType.ADD_TO_CART, at))
            if rng.random() < min(0.03 * taste, 1):
                events.append(event(f"p{n}-{day}", f"s{n}", EventType.PURCHASE, at, 10))
        slates.append(exposure(f"x{n}", f"s{n}", assign(plan, f"s{n}").name, START))
    store.append(events)
    store.append_exposures(slates)
    verdict = judge(plan, store, START + timedelta(days=12))
    by = verdict.adjustments["revenue_per_shopper"]
    assert by.covariate == "prediction"
    assert 0.05 < by.taken < 0.9
    kept = forecasts(plan, store, ("revenue_per_shopper",))
    assert kept["revenue_per_shopper"].better
    assert verdict.guards["carry_over"].status == "ok"


def test_it_needs_days_before(store):
    """A forecast without a past is refused."""
    with pytest.raises(InputError, match="before_days is 0"):
        start(experiment(predict=True), store, START, ("popular", "additive"))
