"""A running experiment can be opened to more shoppers, and to no fewer."""

import json
from datetime import timedelta

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner

from prove_worlds import START, experiment, fill
from splitshelf.cli.experiment import experiment as command
from splitshelf.core.assignment import assign
from splitshelf.core.errors import Conflict, InputError, UnknownName
from splitshelf.core.experiments import Kind
from splitshelf.prove.experiments import KIND, changes, find, ramp, record, start, stop
from splitshelf.prove.verdicts import judge

POLICIES = ("popular", "additive")
DAY = timedelta(days=1)
RATES = {"control": 0.1, "personal": 0.3}


def test_who_is_in_keeps_the_variant_and_the_verdict_stands(store):
    """A tenth, then half, then all: arms stay, the split is fair, and the lift is found."""
    plan = start(experiment(coverage=0.1), store, START, POLICIES)
    arms: dict[str, str] = {}
    for step, coverage in enumerate((0.1, 0.5, 1.0)):
        if step:
            plan = ramp(plan.id, coverage, store, START + 5 * step * DAY)
        now = {f"s{n}": got.name for n in range(2000) if (got := assign(plan, f"s{n}"))}
        assert arms.items() <= now.items()
        assert len(now) == pytest.approx(2000 * coverage, rel=0.2)
        arms = now
        rng, begin, prefix = np.random.default_rng(step), START + 5 * step * DAY, f"r{step}-"
        fill(store, plan, rng, 2000, buys=RATES.get, prefix=prefix, begin=begin)
    verdict = judge(plan, store, START + 15 * DAY)
    assert verdict.decision == "ship"
    assert verdict.guards["frozen_plan"].status == "ok"
    assert verdict.guards["sample_ratio"].status == "ok"
    steps = [(step.what, step.plan.coverage) for step in changes(plan.id, store)]
    assert steps == [("started", 0.1), ("ramped", 0.5), ("ramped", 1.0)]


@pytest.mark.parametrize("coverage", [0.3, 0.5, 1.1, float("nan")])
def test_coverage_only_rises(store, coverage):
    """Less, the same, more than all and no number are refused."""
    start(experiment(coverage=0.5), store, START, POLICIES)
    with pytest.raises(InputError, match="can only rise"):
        ramp("home-shelf", coverage, store, START)
    assert find("home-shelf", store).coverage == 0.5


def test_only_what_runs_and_has_a_coverage_is_ramped(store):
    """Neither an unknown nor a stopped experiment, nor a holdout."""
    with pytest.raises(UnknownName):
        ramp("home-shelf", 0.5, store, START)
    record(experiment(id="holdout", kind=Kind.HOLDOUT), store, START, "started")
    with pytest.raises(Conflict, match=r"experiments\.holdout"):
        ramp("holdout", 0.5, store, START)
    start(experiment(coverage=0.1), store, START, POLICIES)
    stop("home-shelf", store, START)
    with pytest.raises(Conflict, match="stopped"):
        ramp("home-shelf", 0.5, store, START)


@pytest.mark.parametrize("coverage", [0.2, 0.9])
def test_a_coverage_changed_behind_our_back_voids_the_verdict(store, coverage):
    """Only a recorded ramp-up counts: below or above what was recorded the plan is another."""
    start(experiment(coverage=0.1), store, START, POLICIES)
    plan = ramp("home-shelf", 0.5, store, START)
    other = msgspec.structs.replace(plan, coverage=coverage)
    store.put_document(KIND, plan.id, msgspec.json.encode(other))
    verdict = judge(find(plan.id, store), store, START)
    assert verdict.decision == "void"
    assert "coverage" in verdict.why


def test_the_command_widens(tmp_path, monkeypatch, store):
    """`ramp` prints the wider plan and refuses with exit code 2 what would narrow it."""
    (tmp_path / "splitshelf.toml").write_text('[store]\nurl = "sqlite:///shop.sqlite"\n')
    monkeypatch.chdir(tmp_path)
    start(experiment(coverage=0.1), store, START, POLICIES)
    wider = CliRunner().invoke(command, ["ramp", "home-shelf", "--coverage", "0.5", "--json"])
    assert json.loads(wider.output)["coverage"] == 0.5
    with pytest.raises(InputError):
        CliRunner().invoke(
            command, ["ramp", "home-shelf", "--coverage", "0.2"], catch_exceptions=False
        )
