"""A report stands alone, says the decision first, and holds every number of the verdict."""

import json
import re
from datetime import timedelta

import numpy as np
from click.testing import CliRunner

from prove_worlds import START, experiment, fill
from splitshelf.cli.experiment import experiment as command
from splitshelf.prove.experiments import changes, start
from splitshelf.prove.report import report
from splitshelf.prove.verdicts import judge


def world(store):
    """An experiment with a plan, a guardrail and a clear gain."""
    plan = experiment(
        note="Do <personal> shelves pay?",
        planned_shoppers=1500,
        guardrails={"revenue_per_shopper": 0.05},
    )
    start(plan, store, START, ["popular", "additive"])
    rates = {"control": 0.1, "personal": 0.25}
    fill(store, plan, np.random.default_rng(5), 1500, buys=rates.get)
    return plan


def test_the_report_stands_alone(store):
    """No script, no file, no other host; text is escaped; all that counts is there."""
    plan = world(store)
    verdict = judge(plan, store, START + timedelta(days=9))
    page = report(verdict, plan, changes(plan.id, store))
    assert not re.search(r"<script|src=|href=|url\(|@import|https?:", page)
    assert "&lt;personal&gt;" in page
    assert page.index("SHIP") < page.index("What changed")
    assert f"{verdict.outcomes['conversion']['personal'].p:.8g}" in page
    for name in verdict.guards:
        assert name.replace("_", " ") in page
    assert page.count("<svg") == 3
    assert page.index("How the effect settled") < page.index("Day by day")


def test_a_report_before_the_first_shopper(store):
    """An experiment that nobody saw yet has a report without intervals, and no error."""
    plan = experiment()
    page = report(judge(plan, store, START), plan)
    assert "UNDECIDED" in page
    assert "no interval" in page


def test_the_command_writes_html_and_json(store, tmp_path, monkeypatch):
    """`experiment report` writes both files, and the JSON is the verdict."""
    (tmp_path / "splitshelf.toml").write_text('[store]\nurl = "sqlite:///shop.sqlite"\n')
    monkeypatch.chdir(tmp_path)
    world(store)
    written = json.loads(CliRunner().invoke(command, ["report", "home-shelf", "--json"]).output)
    assert (tmp_path / written["html"]).read_text().startswith("<!doctype html>")
    assert json.loads((tmp_path / written["json"]).read_text())["experiment"] == "home-shelf"
