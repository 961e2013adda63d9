"""An experiment is checked at the door, then frozen, and every step of its life is kept."""

import json
from datetime import timedelta

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner

from prove_worlds import START, experiment, fill
from splitshelf.cli.experiment import experiment as command
from splitshelf.core.errors import Conflict, InputError, UnknownName
from splitshelf.core.experiments import Namespace, Status, Variant
from splitshelf.prove.experiments import KIND, changes, check, experiments, find, start, stop
from splitshelf.prove.plans import parse_guardrails, parse_variants
from splitshelf.prove.verdicts import judge

POLICIES = ("popular", "additive")


def test_a_life(store):
    """Started, found, stopped; both steps are kept with their moments."""
    start(experiment(started=None, status=Status.DRAFT), store, START, POLICIES)
    assert find("home-shelf", store).status is Status.RUNNING
    assert [one.id for one in experiments(store, Status.RUNNING)] == ["home-shelf"]
    later = START + timedelta(days=1)
    assert stop("home-shelf", store, later).stopped == later
    assert experiments(store, Status.RUNNING) == ()
    steps = changes("home-shelf", store)
    assert [(step.at, step.what) for step in steps] == [(START, "started"), (later, "stopped")]


def test_a_name_is_used_once(store):
    """The name is the salt of the split: using it again would carry the old split over."""
    start(experiment(), store, START, POLICIES)
    with pytest.raises(Conflict, match="new name"):
        start(experiment(), store, START, POLICIES)


def test_only_a_running_experiment_stops(store):
    """Stopping twice, or what was never there, is refused."""
    with pytest.raises(UnknownName):
        stop("home-shelf", store, START)
    start(experiment(), store, START, POLICIES)
    stop("home-shelf", store, START)
    with pytest.raises(Conflict):
        stop("home-shelf", store, START)


ONE = Variant(name="control", policy="popular", weight=0.5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "two words"}, "letters, digits"),
        ({"variants": (ONE,)}, "at least two"),
        ({"variants": (ONE, ONE)}, "name of its own"),
        ({"variants": (ONE, Variant(name="b", policy="nope", weight=0.5))}, "No policy"),
        ({"variants": (ONE, Variant(name="b", policy="popular", weight=0.4))}, "sum to 0.9"),
        ({"variants": (ONE, Variant(name="b", policy="popular", weight=1.5))}, "weight 1.5"),
        ({"primary": "convesion"}, "Did you mean 'conversion'"),
        ({"outcomes": ("profit",)}, "No outcome"),
        ({"coverage": 0.0}, "coverage of 'home-shelf' is 0.0"),
        ({"alpha": 0.7}, "alpha of"),
        ({"looks": 0}, "looks of"),
        ({"window_days": -1}, "window_days of"),
        ({"cap": 1.5}, "cap of"),
        ({"namespace": Namespace(name="home", low=0.6, high=0.4)}, "must rise"),
        ({"guardrails": {"conversion": 2.0}}, "margin of guardrail"),
    ],
)
def test_a_wrong_plan_is_refused(change, message):
    """Each mistake is named with its value and what is allowed."""
    with pytest.raises(InputError, match=message):
        check(experiment(**change), POLICIES)


@pytest.mark.parametrize("texts", [["a"], ["a="], ["a=p@x", "b=p@0.5"], ["a=p@0.5", "b=p"]])
def test_wrong_variants_are_refused(texts):
    """A variant is NAME=POLICY[@WEIGHT], and weights are given to all or none."""
    with pytest.raises(InputError):
        parse_variants(texts)


def test_guardrails_need_numbers():
    """A margin that is no number is named."""
    with pytest.raises(InputError, match="'much' is not a number"):
        parse_guardrails(["conversion=much"])


def test_the_commands_run_a_whole_life(tmp_path, monkeypatch, store):
    """start, status and stop work on a real shop, and status --json is one document."""
    (tmp_path / "splitshelf.toml").write_text('[store]\nurl = "sqlite:///shop.sqlite"\n')
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str):
        return CliRunner().invoke(command, [*arguments, "--json"], catch_exceptions=False).output

    variants = ["--variant", "control=popular", "--variant", "better=personal"]
    started = json.loads(run("start", "shelf", *variants, "--shoppers", "900"))
    assert started["status"] == "running"
    plan = msgspec.structs.replace(find("shelf", store), started=START)
    fill(store, plan, np.random.default_rng(1), 50, buys=lambda _: 0.5)
    document = json.loads(run("status", "shelf"))
    assert document["verdict"]["decision"] in {"undecided", "void"}
    assert len(json.loads(run("status"))) == 1
    assert json.loads(run("stop", "shelf"))["status"] == "stopped"


def test_a_plan_edited_behind_our_back_voids_the_verdict(store):
    """Whoever changes the stored plan of a running experiment gets no verdict, and is told why."""
    plan = start(experiment(), store, START, ("popular", "additive"))
    assert judge(plan, store, START).guards["frozen_plan"].status == "ok"
    other = msgspec.structs.replace(plan, primary="click_through", alpha=0.2)
    store.put_document(KIND, plan.id, msgspec.json.encode(other))
    verdict = judge(find(plan.id, store), store, START)
    assert verdict.decision == "void"
    assert "primary, alpha" in verdict.why
    stopped = stop(plan.id, store, START)
    assert [change.plan.alpha for change in changes(stopped.id, store)] == [0.05, 0.2]
