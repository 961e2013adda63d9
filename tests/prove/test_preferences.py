"""Interleaved shelves: clicks become votes, votes a verdict that may be looked at any time."""

from datetime import timedelta

import msgspec
import numpy as np
import pytest

from prove_worlds import START, event, experiment
from splitshelf.core.errors import InputError, UnknownName
from splitshelf.core.events import EventType
from splitshelf.core.experiments import INTERLEAVED, Kind
from splitshelf.core.slates import Exposure, Shown
from splitshelf.prove.experiments import start
from splitshelf.prove.interleaving import anytime, log_evidence
from splitshelf.prove.planning_interleaving import plan_interleaving
from splitshelf.prove.report import report
from splitshelf.prove.verdicts import judge

PLAN = experiment(id="mix", kind=Kind.INTERLEAVING)


def shelf(number, shopper, at):
    """A slate of a (the control's), b (the other's) and c (nobody's)."""
    return Exposure(
        id=number,
        at=at,
        shopper=shopper,
        placement="home",
        policy="popular+personal",
        policy_hash="h",
        model="m",
        slate=tuple(Shown(name, place, 1.0, 0.5) for place, name in enumerate("abc")),
        teams=(0, 1, -1),
        experiment="mix",
        variant=INTERLEAVED,
    )


def clicked(number, shopper, product, slate, at):
    """A click on one product of a slate."""
    return msgspec.structs.replace(
        event(number, shopper, EventType.CLICK, at, exposure=slate), product=product
    )


def test_a_shopper_is_one_vote(store):
    """Two clicks for one policy against one for the other are one vote; ties and c are none."""
    clicks = {"ann": "aab", "bob": "b", "cyd": "ab", "dan": "c", "eve": ""}
    for shopper, products in clicks.items():
        for turn in range(max(1, len(products))):
            at = START + timedelta(minutes=turn)
            store.append_exposures([shelf(f"x-{shopper}-{turn}", shopper, at)])
            if products:
                name, slate = f"{shopper}-{turn}", f"x-{shopper}-{turn}"
                later = at + timedelta(days=turn)
                store.append([clicked(name, shopper, products[turn], slate, later)])
    verdict = judge(PLAN, store, START + timedelta(days=5))
    assert verdict.shoppers == {"control": 1, "personal": 1}
    assert verdict.decision == "undecided"
    assert "2 of 5 shoppers have a preference" in verdict.detail


@pytest.mark.parametrize(("share", "decision"), [(0.7, "test"), (0.3, "keep"), (0.5, "undecided")])
def test_the_verdict_says_what_to_do(store, share, decision):
    """What most shoppers like better is worth an experiment; it is never shipped from here."""
    rng = np.random.default_rng(3)
    for number in range(300):
        at = START + timedelta(minutes=number)
        shopper = f"s{number}"
        store.append_exposures([shelf(f"x{number}", shopper, at)])
        product = "b" if rng.random() < share else "a"
        store.append([clicked(f"c{number}", shopper, product, f"x{number}", at)])
    verdict = judge(PLAN, store, START + timedelta(days=2))
    assert verdict.decision == decision
    assert sum(verdict.shoppers.values()) == 300
    assert "Preference" in report(verdict, PLAN)
    done = msgspec.structs.replace(PLAN, planned_shoppers=300)
    finished = judge(done, store, START + timedelta(days=2)).decision
    assert finished == ("keep" if decision == "undecided" else decision)


def test_looking_at_every_vote_errs_in_at_most_five_of_a_hundred():
    """Over 400 tests without a preference and 3,000 votes each, looked at every ten."""
    rng = np.random.default_rng(6)
    votes = np.cumsum(rng.random((400, 3000)) < 0.5, axis=1)
    alarms = sum(
        any(
            log_evidence(n - int(row[n - 1]), int(row[n - 1])) > np.log(20)
            for n in range(1, 3001, 10)
        )
        for row in votes
    )
    assert alarms / 400 <= 0.05


def test_the_interval_excludes_one_half_exactly_when_the_evidence_does():
    """Interval and evidence are two views of one thing."""
    for first, second in ((40, 60), (400, 600), (480, 520), (0, 30), (10, 10)):
        low, high = anytime(first, second, 0.05)
        against = log_evidence(first, second) > np.log(20)
        assert (not low <= 0.5 <= high) == against
    assert anytime(0, 0, 0.05) == (0.0, 1.0)


def test_a_plan_of_three_variants_cannot_be_interleaved(store):
    """A shelf is made of two; an unknown way of interleaving is refused with the known ones."""
    arms = tuple(
        msgspec.structs.replace(PLAN.variants[0], name=name, weight=1 / 3) for name in "abc"
    )
    with pytest.raises(InputError, match="exactly two"):
        start(msgspec.structs.replace(PLAN, variants=arms), store, START, ("popular", "additive"))
    odd = msgspec.structs.replace(PLAN, interleaving="zip")
    with pytest.raises(UnknownName, match="team_draft"):
        start(odd, store, START, ("popular", "additive"))


def test_the_plan_says_how_many_must_come(store):
    """Only who clicks can vote, so rare clicks need more shoppers."""
    for number in range(200):
        at = START + timedelta(hours=number)
        shopper = f"s{number}"
        store.append_exposures([shelf(f"x{number}", shopper, at)])
        kind = EventType.CLICK if number % 4 == 0 else EventType.WISHLIST
        store.append([event(f"c{number}", shopper, kind, at, exposure=f"x{number}")])
    made = plan_interleaving(0.6, store, START + timedelta(hours=200), days=8)
    assert made.clickers == pytest.approx(0.25, abs=0.05)
    assert made.shoppers == pytest.approx(made.votes / made.clickers, abs=1)
    assert f"{made.days:,} days" in made.advice
