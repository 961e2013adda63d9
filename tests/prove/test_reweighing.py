"""Weights may change where shoppers keep their variant, and the verdict says if that did harm."""

from datetime import timedelta

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner

from prove_worlds import START, event, experiment, exposure
from splitshelf.cli.experiment import experiment as command
from splitshelf.core.context import Context
from splitshelf.core.errors import Conflict, InputError, Unavailable, UnknownName
from splitshelf.core.events import EventType
from splitshelf.core.experiments import Kind
from splitshelf.core.requests import Policy, ShelfRequest
from splitshelf.prove.experiments import changes, start
from splitshelf.prove.reweighing import reweigh
from splitshelf.prove.verdicts import judge
from splitshelf.serve.choosing import choose

POLICIES = {name: Policy(name=name, model=name) for name in ("popular", "additive")}
STICKY = experiment(sticky=True)
TENTH = {"control": 0.1, "personal": 0.9}


def ask(plan, store, name, now, shopper, others=()):
    """What serving chooses for a shopper, logged as serving logs it."""
    context = Context(at=now)
    request = ShelfRequest(id=name, shopper=shopper, placement="home", context=context)
    units = (shopper, *others)
    choice = choose(
        request,
        POLICIES,
        [plan],
        POLICIES["popular"],
        units,
        recall=lambda: store.assignments(units),
    )
    one = exposure(name, shopper, choice.variant, now, plan.id)
    store.append_exposures([msgspec.structs.replace(one, kept=choice.kept)])
    return choice


def come(plan, store, rng, day, prefix, share, shoppers=1500):
    """Newcomers of a day, who buy with such a chance whatever they are shown."""
    bought = []
    for number in range(shoppers):
        shopper, now = f"{prefix}{number}", START + timedelta(days=day, seconds=10 * number)
        ask(plan, store, f"x-{shopper}", now, shopper)
        if rng.random() < share:
            later = now + timedelta(minutes=1)
            bought.append(event(f"p-{shopper}", shopper, EventType.PURCHASE, later, 9.0))
    store.append(bought)


def test_who_was_dealt_keeps_it_and_newcomers_are_dealt_anew(store):
    """After the weights went from half to nine in ten nobody changed sides, and guards agree."""
    plan = start(STICKY, store, START, POLICIES)
    rng = np.random.default_rng(1)
    come(plan, store, rng, 0, "a", 0.2)
    before = {f"a{n}": store.assignments([f"a{n}"])[0].variant for n in range(1500)}
    plan = reweigh(plan.id, TENTH, store, START + timedelta(days=1))
    come(plan, store, rng, 1, "b", 0.2)
    now = START + timedelta(days=2)
    after = {name: ask(plan, store, f"y-{name}", now, name).variant for name in before}
    assert after == before
    assert ask(plan, store, "y-more", now, "a3").kept is None
    verdict = judge(plan, store, now + timedelta(days=1))
    assert verdict.guards["multiple_exposures"].status == "ok"
    assert verdict.guards["sample_ratio"].status == "ok"
    assert verdict.guards["frozen_plan"].status == "ok"
    assert verdict.guards["changed_weights"].status == "ok"
    assert [one.what for one in changes(plan.id, store)] == ["started", "reweighed"]


def test_a_level_that_moved_between_the_weights_voids(store):
    """The second week sells three times as much, mostly to one variant: no effect, but it seems."""
    plan = start(STICKY, store, START, POLICIES)
    rng = np.random.default_rng(2)
    come(plan, store, rng, 0, "a", 0.1)
    plan = reweigh(plan.id, TENTH, store, START + timedelta(days=1))
    come(plan, store, rng, 1, "b", 0.4)
    verdict = judge(plan, store, START + timedelta(days=3))
    assert verdict.outcomes["conversion"]["personal"].p < 0.001
    assert verdict.guards["changed_weights"].status == "void"
    assert verdict.decision == "void"


def test_another_id_of_the_person_vouches_for_the_first(store):
    """A login does not flip what the device was shown, and the known id keeps it from then on."""
    plan = start(STICKY, store, START, POLICIES)
    shown = {n: ask(plan, store, f"x{n}", START, f"device{n}").variant for n in range(40)}
    for n, variant in shown.items():
        choice = ask(plan, store, f"z{n}", START, f"known{n}", others=(f"device{n}",))
        assert choice.variant == variant
        assert choice.kept.unit == f"known{n}"


def test_who_cannot_be_recalled_takes_no_part(store):
    """While the store is silent a shopper sees the default rather than maybe the other side."""
    plan = start(STICKY, store, START, POLICIES)

    def silent():
        raise Unavailable("The store does not answer.")

    request = ShelfRequest(id="r", shopper="s", placement="home", context=Context(at=START))
    choice = choose(request, POLICIES, [plan], POLICIES["popular"], recall=silent)
    assert choice.experiment is None


@pytest.mark.parametrize(
    ("plan", "weights", "kind", "said"),
    [
        (experiment(), TENTH, Conflict, "not sticky"),
        (STICKY, {"control": 0.1}, InputError, "every variant"),
        (STICKY, TENTH | {"other": 0.1}, UnknownName, "other"),
        (STICKY, {"control": 0.5, "personal": 0.9}, InputError, "sum to 1"),
        (STICKY, {"control": 0.0001, "personal": 1.0}, InputError, "between 0"),
    ],
)
def test_what_cannot_be_reweighed_says_why(store, plan, weights, kind, said):
    """Only a sticky experiment, with a share for each variant."""
    start(plan, store, START, POLICIES)
    with pytest.raises(kind, match=said):
        reweigh(plan.id, weights, store, START + timedelta(days=1))


def test_only_a_split_is_sticky(store):
    """A bandit deals anew each day."""
    plan = experiment(sticky=True, kind=Kind.BANDIT)
    with pytest.raises(InputError, match="sticky"):
        start(plan, store, START, POLICIES)


def test_the_command_wants_one_of_its_two_changes():
    """Neither coverage nor weights, or both, is a wrong call."""
    result = CliRunner().invoke(command, ["ramp", "e"])
    assert isinstance(result.exception, InputError)
