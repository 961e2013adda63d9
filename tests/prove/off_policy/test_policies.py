"""What a policy would have earned on logged slates, and when nobody can tell."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from splitshelf.core.events import Event, EventType
from splitshelf.core.slates import Exposure, Shown
from splitshelf.prove.off_policy.policies import Question, answer, best
from splitshelf.prove.off_policy.replayed import POLICY_ESTIMATORS, Replayed, estimate_of, shares
from splitshelf.prove.off_policy.reward_models import learn
from splitshelf.prove.off_policy.rewards import REWARDS, earned
from splitshelf.prove.off_policy.slates import SlateLog

QUESTION = Question(policy="bold", logged_policy="calm", reward="clicks")
ORDERS = np.array([[0, 1], [0, 2], [1, 0], [1, 2], [2, 0], [2, 1]])
LIKES = np.array([0.1, 0.3, 0.6])
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def chances(weights, orders=ORDERS):
    """The conditional chance of each place of each order of two products out of three."""
    first = weights[orders[:, 0]] / weights.sum()
    second = weights[orders[:, 1]] / (weights.sum() - weights[orders[:, 0]])
    return np.column_stack([first, second])


def means(weights, values):
    """The mean value of a policy's choice at both places, given what stands above, [6, 2]."""
    first = np.full(len(ORDERS), weights @ values / weights.sum())
    top = ORDERS[:, 0]
    second = (weights @ values - weights[top] * values[top]) / (weights.sum() - weights[top])
    return np.column_stack([first, second])


def replayed(rng, shoppers, bold, calm=(3.0, 2.0, 1.0), slates=3):
    """Slates by a calm policy, read from the top; each shopper has a mood for all of theirs."""
    calm, bold = np.array(calm), np.array(bold)
    n = shoppers * slates
    unit = np.repeat(np.arange(shoppers), slates)
    mood = np.repeat(rng.choice([0.3, 1.4], shoppers), slates)
    drawn = rng.choice(6, n, p=chances(calm).prod(axis=1))
    top = rng.random(n) < mood * LIKES[ORDERS[drawn, 0]]
    below = ~top & (rng.random(n) < mood * LIKES[ORDERS[drawn, 1]])
    log = SlateLog(
        chances(calm)[drawn], chances(bold)[drawn], np.column_stack([top, below]).astype(float)
    )
    guess = np.array([0.2, 0.2, 0.5])
    data = Replayed(log, unit, guess[ORDERS[drawn]], means(bold, guess)[drawn], np.ones(n))
    likes = np.array([0.3, 1.4])[:, np.newaxis] * LIKES[ORDERS[:, 0]]
    others = np.array([0.3, 1.4])[:, np.newaxis] * LIKES[ORDERS[:, 1]]
    truth = (likes + (1 - likes) * others).mean(axis=0)
    return data, float(chances(bold).prod(axis=1) @ truth)


@pytest.mark.parametrize("name", ["doubly_robust", "self_normalised", "inverse_propensity"])
def test_intervals_cover_the_truth_though_slates_share_a_shopper(name):
    """With three slates a shopper, intervals over shoppers cover the true value in 93 to 97 %."""
    rng = np.random.default_rng(5)
    weigh, use = POLICY_ESTIMATORS[name]
    covered = 0
    for _ in range(600):
        data, truth = replayed(rng, 300, (1.0, 2.0, 3.0))
        one = estimate_of(use(data, weigh(data.log)), data.unit)
        covered += one.low <= truth <= one.high
    assert 0.93 <= covered / 600 <= 0.97


def test_the_doubly_robust_estimate_needs_only_one_of_its_two_halves():
    """A right model corrects nothing away, a wrong one is corrected: both are near the truth."""
    data, truth = replayed(np.random.default_rng(1), 30_000, (1.0, 2.0, 3.0))
    found = answer(QUESTION, data, np.ones_like(data.log.reward))
    assert found.values["doubly_robust"].estimate.value == pytest.approx(truth, abs=0.01)
    assert found.values["inverse_propensity"].estimate.value == pytest.approx(truth, abs=0.01)
    robust = found.values["doubly_robust"].estimate.error
    assert robust < found.values["inverse_propensity"].estimate.error


def test_the_policy_of_the_log_earns_what_it_earned():
    """With all weights 1 every weighted estimator says what the log says, and no gain."""
    data, _ = replayed(np.random.default_rng(2), 500, (3.0, 2.0, 1.0))
    found = answer(QUESTION, data, np.ones_like(data.log.reward))
    for name in ("self_normalised", "inverse_propensity", "whole_slate", "independent"):
        assert found.values[name].estimate.value == pytest.approx(found.logged.value, rel=1e-12)
        assert found.values[name].gain.value == pytest.approx(0, abs=1e-12)


def test_whom_a_bandit_shows_a_policy_is_made_up_for():
    """A bandit shows the policy mostly to buyers; its logged chances put the value right."""
    rng = np.random.default_rng(4)
    covered, naive = 0, 0
    for _ in range(300):
        data, truth = replayed(rng, 600, (1.0, 2.0, 3.0), slates=1)
        lively = data.log.reward.sum(axis=1) > 0  # stands for a trait that goes with buying
        chance = np.where(lively, 0.8, 0.2)
        kept = rng.random(len(chance)) < chance
        log = SlateLog(data.log.logged[kept], data.log.target[kept], data.log.reward[kept])
        dealt = (log, data.unit[kept], data.model[kept], data.expected[kept])
        weigh, use = POLICY_ESTIMATORS["doubly_robust"]
        for stands, count in ((shares(chance[kept]), True), (np.ones(int(kept.sum())), False)):
            some = Replayed(*dealt, stands)
            one = estimate_of(use(some, weigh(log)), some.unit)
            covered += count and one.low <= truth <= one.high
            naive += not count and one.low <= truth <= one.high
    assert 0.92 <= covered / 300 <= 0.98
    assert naive / 300 < 0.1


def test_a_log_without_chance_is_refused():
    """Where the log explored nothing, the answer is a refusal that says so."""
    data, _ = replayed(np.random.default_rng(3), 100, (1.0, 2.0, 3.0))
    certain = SlateLog(np.ones_like(data.log.logged), data.log.target, data.log.reward)
    fixed = Replayed(certain, data.unit, data.model, data.expected, data.share)
    found = answer(QUESTION, fixed, np.ones_like(data.log.reward))
    assert found.status == "refused"
    assert "left to chance" in found.why
    assert not found.values


@pytest.mark.parametrize(
    ("common", "reproduced", "said"), [(0.5, 1.0, "never could"), (1.0, 0.5, "reproduced")]
)
def test_a_log_that_says_too_little_is_refused(common, reproduced, said):
    """No overlap, or a shop that has changed since."""
    data, _ = replayed(np.random.default_rng(3), 100, (1.0, 2.0, 3.0))
    table = np.full_like(data.log.reward, common)
    found = answer(QUESTION, data, table, reproduced)
    assert found.status == "refused"
    assert said in found.why


def test_the_answer_is_as_deep_as_the_log_supports():
    """Over twenty places the weights explode; the first ones can still be answered."""
    rng = np.random.default_rng(8)
    chosen = rng.random((3000, 20)) < 0.7
    log = SlateLog(np.where(chosen, 0.7, 0.3), np.where(chosen, 0.3, 0.7), rng.random((3000, 20)))
    zeros = np.zeros((3000, 20))
    data = Replayed(log, np.arange(3000), zeros, zeros, np.ones(3000))
    found = answer(QUESTION, data, np.ones((3000, 20)))
    assert found.status == "ok"
    assert 3 <= found.places < 20
    assert f"first {found.places} places" in found.why
    refused = answer(QUESTION, data.upto(20), np.zeros((3000, 20)))
    assert best([refused, found]) is found


def shown(number, shopper, minutes):
    """A slate of two products."""
    places = (Shown("a", 0, 1.0, 0.5), Shown("b", 1, 0.5, 0.5))
    at = START + timedelta(minutes=minutes)
    return Exposure(
        id=number,
        at=at,
        shopper=shopper,
        placement="home",
        policy="calm",
        policy_hash="h",
        model="m",
        slate=places,
    )


def did(number, shopper, kind, minutes, product="a", **more):
    """One event."""
    at = START + timedelta(minutes=minutes)
    return Event(id=number, at=at, type=kind, shopper=shopper, product=product, **more)


def test_rewards_stand_at_their_places(store):
    """A click counts once; a purchase that names no slate goes to the last one clicked."""
    slates = [shown("x", "ann", 0), shown("y", "ann", 10), shown("z", "bob", 20)]
    price = {"price": Decimal(5), "currency": "EUR", "quantity": 2}
    store.append(
        [
            did("1", "ann", EventType.CLICK, 1, exposure="x"),
            did("2", "ann", EventType.VIEW, 2, exposure="x"),
            did("3", "ann", EventType.CLICK, 11, exposure="y"),
            did("4", "ann", EventType.PURCHASE, 15, **price),
            did("5", "bob", EventType.PURCHASE, 21, product="b", exposure="z", **price),
            did("6", "bob", EventType.PURCHASE, 22, **price),
            did("7", "cyd", EventType.PURCHASE, 22, **price),
        ]
    )
    assert earned("clicks", slates, store).tolist() == [[1, 0], [1, 0], [0, 0]]
    assert earned("revenue", slates, store).tolist() == [[0, 0], [10, 0], [0, 10]]
    assert earned("orders", slates, store).tolist() == [[0, 0], [1, 0], [0, 1]]
    assert set(REWARDS) == {"clicks", "carts", "orders", "revenue"}


def test_the_reward_model_learns_on_the_other_half():
    """What one half of the shoppers clicked is known to the other half only."""
    slates = [shown(str(i), f"s{i}", i) for i in range(40)]
    unit = np.arange(40)
    reward = np.zeros((40, 2))
    reward[unit % 2 == 0, 0] = 1.0
    model = learn(slates, reward, unit)
    codes = {"a": 0, "b": 1}
    odd, even = model.values(1, codes, 3), model.values(0, codes, 3)
    assert odd[0] > odd[1]
    assert odd[2] == pytest.approx(0.5)
    np.testing.assert_allclose(even, 0.0)
