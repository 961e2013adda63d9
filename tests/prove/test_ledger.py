"""The agreement ledger is written by the real path: opinions before, the finding after."""

import json
from datetime import timedelta

import numpy as np
import pytest
from click.testing import CliRunner

from prove_worlds import START, experiment, fill
from splitshelf.cli.experiment import experiment as group
from splitshelf.collect.stores.opening import open_store
from splitshelf.prove.experiments import start, stop
from splitshelf.prove.ledger import agreement, entries
from splitshelf.prove.opinions import Opinion, Says, held, hold
from splitshelf.prove.verdicts import judge

SAID = {"offline": Says.BETTER, "off_policy": Says.WORSE, "interleaving": Says.UNSURE}


def say(store, says, at=START):
    """Each way of asking says something of the personal policy against the popular one."""
    for way, one in says.items():
        opinion = Opinion(at=at, says=one, why=f"{way} says so.")
        hold(way, "additive", "popular", opinion, store)


@pytest.fixture
def plan(store):
    """A running experiment that a personal policy wins clearly."""
    made = start(experiment(), store, START, ("popular", "additive"))
    rng = np.random.default_rng(7)
    fill(store, made, rng, 4000, buys=lambda name: 0.3 if name == "personal" else 0.1)
    return made


def test_a_decided_experiment_judges_what_was_said_before(store, plan):
    """Offline was right, off-policy wrong, interleaving unsure and so neither."""
    say(store, SAID)
    assert judge(plan, store, START + timedelta(days=7)).decision == "ship"
    (entry,) = entries(store)
    assert entry.found is Says.BETTER
    assert entry.said == SAID
    found = agreement(entries(store))
    assert (found["offline"].right, found["offline"].wrong) == (1, 0)
    assert (found["off_policy"].right, found["off_policy"].wrong) == (0, 1)
    assert found["interleaving"].share is None


def test_nobody_is_wise_after_the_event(store, plan):
    """What is said after the decision changes no entry."""
    say(store, SAID)
    judge(plan, store, START + timedelta(days=7))
    say(store, dict.fromkeys(SAID, Says.BETTER))
    judge(plan, store, START + timedelta(days=8))
    assert entries(store)[0].said == SAID
    assert held("additive", "popular", store)["off_policy"].says is Says.BETTER


def test_an_undecided_experiment_is_entered_when_it_is_stopped(store):
    """While it runs and is undecided there is no entry; stopped, it has found nothing sure."""
    made = start(experiment(), store, START, ("popular", "additive"))
    fill(store, made, np.random.default_rng(2), 400, buys=lambda _: 0.1)
    judge(made, store, START + timedelta(days=7))
    assert not entries(store)
    judge(stop(made.id, store, START + timedelta(days=7)), store, START + timedelta(days=8))
    assert entries(store)[0].found is Says.UNSURE


def test_the_command_prints_the_ledger(tmp_path):
    """One JSON document with entries and how often each way was right."""
    config = tmp_path / "splitshelf.toml"
    config.write_text("")
    opened = open_store("sqlite:///splitshelf.sqlite", tmp_path)
    made = start(experiment(), opened, START, ("popular", "additive"))
    fill(
        opened, made, np.random.default_rng(7), 4000, buys=lambda n: 0.3 if n == "personal" else 0.1
    )
    say(opened, SAID)
    judge(made, opened, START + timedelta(days=7))
    opened.close()
    call = ["ledger", "--config", str(config)]
    document = json.loads(CliRunner().invoke(group, [*call, "--json"]).stdout)
    assert document["agreement"]["offline"]["right"] == 1
    assert document["entries"][0]["why"]["offline"] == "offline says so."
    output = CliRunner().invoke(group, call).stdout
    assert "offline: right in 1 of 1" in output
