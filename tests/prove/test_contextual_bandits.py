"""Contextual bandits deal to each situation what earns most there, and stay valid to analyse."""

import builtins
import importlib
from datetime import timedelta

import msgspec
import numpy as np
import pytest

from prove_worlds import START, event, experiment, exposure
from splitshelf.core.assignment import assign, in_situation
from splitshelf.core.context import Context, situation, traits_of
from splitshelf.core.errors import InputError, MissingExtra, UnknownName
from splitshelf.core.events import EventType
from splitshelf.core.experiments import Kind, Variant
from splitshelf.core.requests import Policy, ShelfRequest
from splitshelf.prove.bandits import batches, dealt
from splitshelf.prove.contextual import KIND, learned, study
from splitshelf.prove.dealing import LEARNERS, linear
from splitshelf.prove.dealing.learner import Lessons
from splitshelf.prove.experiments import start
from splitshelf.prove.report import report
from splitshelf.prove.trials.dealing import DEPENDS, Memory, live
from splitshelf.prove.verdicts import judge
from splitshelf.serve.choosing import choose

BANDIT = experiment(id="deal", kind=Kind.BANDIT, contexts=("device",))
BUYS = {"phone": {"control": 0.1, "personal": 0.25}, "desktop": {"control": 0.3, "personal": 0.1}}
POLICIES = {name: Policy(name=name, model=name) for name in ("popular", "additive")}


def lessons(rng, n=3000):
    """A day on which the second arm is better on phones and worse on desktops."""
    device = rng.integers(0, 2, n)
    arm = rng.integers(0, 2, n).astype(np.int8)
    bought = rng.random(n) < np.where(device == arm, 0.2, 0.3)
    names = [("phone", "desktop")[one] for one in device.tolist()]
    return Lessons(names, arm, np.full(n, 0.5), bought.astype(float), 2)


def live_days(store, plan, days, shoppers=300):
    """Days on which everybody comes once, asks for a slate as serving does, and buys by chance."""
    rng = np.random.default_rng(5)
    for day in range(days):
        now = START + timedelta(days=day)
        today = dealt(plan, store, now)
        shown, bought = [], []
        for number in range(shoppers):
            shopper, name = f"d{day}-{number}", f"x-d{day}-{number}"
            context = Context(at=now, device=("phone", "desktop")[number % 2])
            request = ShelfRequest(id=name, shopper=shopper, placement="home", context=context)
            choice = choose(request, POLICIES, [today], POLICIES["popular"])
            one = exposure(name, shopper, choice.variant, now, "deal")
            shown.append(
                msgspec.structs.replace(one, context=context, variant_chance=choice.chance)
            )
            if rng.random() < BUYS[context.device][choice.variant]:
                later = now + timedelta(minutes=5)
                bought.append(event(f"p-{shopper}", shopper, EventType.PURCHASE, later, 10.0))
        store.append_exposures(shown)
        store.append(bought)
    return dealt(plan, store, START + timedelta(days=days))


@pytest.mark.parametrize("name", LEARNERS)
def test_every_learner_finds_what_is_best_in_each_situation(name):
    """After two days phones and desktops get different arms, and chances are chances."""
    rng = np.random.default_rng(1)
    learner, state = LEARNERS[name], b""
    for _ in range(2):
        state = learner.learn(state, lessons(rng))
    met = learner.chances(state, ["phone", "desktop", "fridge"], 2, rng)
    np.testing.assert_allclose(met.sum(axis=1), 1, atol=1e-9)
    assert met[0, 1] > 0.9
    assert met[1, 0] > 0.9


@pytest.mark.parametrize("name", LEARNERS)
def test_dealing_by_device_loses_less_where_the_best_arm_depends_on_it(name):
    """Against the bandit that deals everybody alike, which finds the best arm of all at most."""
    rng = np.random.default_rng(2)
    plain, aware = (
        np.mean([live(rng, DEPENDS, by_device=by, learner=name).lost for _ in range(3)])
        for by in (False, True)
    )
    assert aware < 0.85 * plain


def test_intervals_cover_though_chances_follow_device_and_outcome():
    """The effect on everybody lies in 95 % of the intervals, while rates rise from day to day."""
    rng = np.random.default_rng(3)
    truth, covered = 0.7 * 0.06 - 0.3 * 0.06, 0
    for _ in range(150):
        control, value, error = live(
            rng, DEPENDS, by_device=True, days=8, size=400, drift=0.01
        ).found
        covered += abs(value - control - truth) < 1.96 * error
    assert 0.91 <= covered / 150 <= 0.985


def test_a_shop_deals_by_device_from_day_to_day(store):
    """From the log to tomorrow's shares: each device gets its best; the verdict tells all of it."""
    plan = start(BANDIT, store, START, ("popular", "additive"))
    today = live_days(store, plan, 8)
    assert today.deals["phone"][1] > 0.85
    assert today.deals["desktop"][0] > 0.85
    assert min(min(weights) for weights in today.deals.values()) >= 0.1 - 1e-9
    verdict = judge(plan, store, START + timedelta(days=8))
    assert verdict.situations["phone"]["personal"] > 0.85
    assert verdict.guards["sample_ratio"].status == "ok"
    assert verdict.dealt.low > 0
    assert "go on dealing" in verdict.why
    one = verdict.outcomes["conversion"]["personal"]
    assert one.low < 0.15 / 2 - 0.2 / 2 < one.high
    page = report(verdict, plan)
    assert "How shoppers were dealt" in page
    assert "desktop" in page


def test_the_chance_of_the_arm_in_its_situation_is_logged(store):
    """What serving logs is the share of the device; a situation nobody met has the average."""
    plan = start(BANDIT, store, START, ("popular", "additive"))
    today = live_days(store, plan, 4)
    for device, number in (("phone", 0), ("desktop", 1), ("fridge", 0)):
        context = Context(at=START, device=device)
        request = ShelfRequest(id="r", shopper=f"n{number}", placement="home", context=context)
        choice = choose(request, POLICIES, [today], POLICIES["popular"])
        shares = today.deals.get(device, [one.weight for one in today.variants])
        code = [one.name for one in today.variants].index(choice.variant)
        assert choice.chance == pytest.approx(shares[code])
        assert assign(in_situation(today, context), f"n{number}").name == choice.variant


def test_days_are_learned_once(store):
    """A second process that asks about the same day gets what the first one stored."""
    plan = start(BANDIT, store, START, ("popular", "additive"))
    live_days(store, plan, 3, shoppers=80)
    known = store.document(KIND, "deal")
    days = batches(plan, store)
    dealt(plan, store, START + timedelta(days=3, hours=5))
    assert store.document(KIND, "deal") == known
    assert batches(plan, store) == days
    memory, day = Memory(), lessons(np.random.default_rng(1), 50)
    first = study(plan, 3, day, memory)
    assert study(plan, 3, day, memory) == first


def test_a_day_learned_again_forgets_what_it_had_taught():
    """With the lessons that came late it teaches as if they had been there; earlier days stay."""
    one, two, more = (lessons(np.random.default_rng(seed), 50) for seed in (1, 2, 3))
    anew, whole = Memory(), Memory()
    for store, days in ((anew, (one, two)), (whole, (one, more))):
        for day, taught in enumerate(days):
            study(BANDIT, day, taught, store)
    assert study(BANDIT, 1, more, anew, again=True) == learned(BANDIT, whole)
    assert study(BANDIT, 0, two, anew, again=True) == learned(BANDIT, whole)


def test_situations_beyond_the_limit_count_as_one(monkeypatch):
    """A page that sends a new trait for every shopper cannot make the state grow for ever."""
    monkeypatch.setattr(linear, "MOST", 20)
    n = 100
    names = [situation(Context(at=START, extra={"code": k}), ["code", "device"]) for k in range(n)]
    day = Lessons(names, np.zeros(n, np.int8), np.full(n, 0.5), np.ones(n), 2)
    state = linear.learn(b"", day)
    assert len(linear.situations(state)) == 21
    assert linear.expected(state, [names[0]], 2).shape == (1, 2)
    assert traits_of(names[3]) == ("3", "")


@pytest.mark.parametrize(
    ("changes", "kind", "said"),
    [
        ({"kind": Kind.SPLIT}, InputError, "only a bandit"),
        ({"learner": "liner"}, UnknownName, "learner"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(store, changes, kind, said):
    """Only bandits deal by contexts, by a learner that exists."""
    with pytest.raises(kind, match=said):
        start(msgspec.structs.replace(BANDIT, **changes), store, START, ("popular", "additive"))


def test_without_its_extra_vowpal_wabbit_says_what_to_install(monkeypatch):
    """The message names the pip command."""
    real = builtins.__import__

    def missing(name, *rest, **more):
        if name.startswith("vowpalwabbit"):
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(MissingExtra, match=r"splitshelf\[bandit\]"):
        LEARNERS["vowpal_wabbit"].learn(b"", lessons(np.random.default_rng(1), 5))


def test_three_arms_share_by_what_is_known():
    """With three policies every situation has three shares, none below the floor."""
    variants = tuple(Variant(name=n, policy=n, weight=1 / 3) for n in "abc")
    plan = msgspec.structs.replace(BANDIT, variants=variants, deals={"phone": (0.2, 0.2, 0.6)})
    got = [
        assign(in_situation(plan, Context(at=START, device="phone")), f"s{n}").name
        for n in range(4000)
    ]
    assert got.count("c") / 4000 == pytest.approx(0.6, abs=0.03)
