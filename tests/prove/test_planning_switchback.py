"""A switchback is planned from the noise between neighbouring days, and keeps its promise."""

import json
from datetime import timedelta

import numpy as np
import pytest
from click.testing import CliRunner
from scipy import stats

from prove_worlds import START, event
from splitshelf.cli.experiment import experiment as command
from splitshelf.core.errors import InputError
from splitshelf.core.events import EventType
from splitshelf.prove.planning import Wish
from splitshelf.prove.planning_switchback import (
    effect_found,
    neighbour_noise,
    pairs_needed,
    plan_switchback,
    power_of,
)


def fill(store, days=20):
    """Days of fifty shoppers who look; some buy, more of them on some days than on others."""
    rng = np.random.default_rng(1)
    for day in range(days):
        noon, rate = START + timedelta(days=day, hours=3), rng.uniform(0.2, 0.4)
        events = [event(f"v{day}-{n}", f"s{day}-{n}", EventType.VIEW, noon) for n in range(50)]
        events += [
            event(f"p{day}-{n}", f"s{day}-{n}", EventType.PURCHASE, noon, 10)
            for n in range(50)
            if rng.random() < rate
        ]
        store.append(events)


def test_the_days_that_are_planned_find_the_effect():
    """Of simulated switchbacks of the planned length eight in ten find the effect."""
    rng = np.random.default_rng(2)
    pairs = pairs_needed(0.7, 0.05, 0.8)
    drawn = rng.normal(0.7, 1.0, size=(4000, pairs))
    assert (stats.ttest_1samp(drawn, 0, axis=1).pvalue < 0.05).mean() == pytest.approx(
        0.8, abs=0.03
    )
    assert power_of(pairs, 0.7, 0.05) >= 0.8 > power_of(pairs - 1, 0.7, 0.05)
    assert power_of(pairs, effect_found(pairs, 0.05, 0.8), 0.05) == pytest.approx(0.8, abs=1e-6)


def test_a_slow_drift_costs_nothing_and_noise_does():
    """A season hardly differs between neighbours; noise counts twice, once a day."""
    rng = np.random.default_rng(3)
    assert neighbour_noise(np.linspace(0, 10, 1001)) == pytest.approx(0.01)
    assert neighbour_noise(rng.normal(size=20_000)) == pytest.approx(2**0.5, rel=0.03)


def test_a_plan_from_the_log(store):
    """A small effect takes more days than a large one, and what is too long is said to be."""
    fill(store)
    now = START + timedelta(days=20)
    large, small = (
        plan_switchback(Wish("conversion", effect), store, now, "UTC") for effect in (0.5, 0.02)
    )
    assert 0.2 < large.base < 0.4
    assert large.days < small.days
    assert large.days % 2 == 0
    assert f"Switch for {large.days} days" in large.advice
    assert "differ too much" in small.advice
    assert list(large.smallest_effect.values()) == sorted(large.smallest_effect.values())[::-1]


def test_too_short_a_log_is_refused(store):
    """Five days say too little about how days differ."""
    fill(store, days=5)
    with pytest.raises(InputError, match="at least 8"):
        plan_switchback(Wish("conversion", 0.1), store, START + timedelta(days=5), "UTC")


def test_the_command_plans_and_starts(tmp_path, monkeypatch, store):
    """`plan --switchback` says how many days, `start --switchback` has the shop's zone."""
    (tmp_path / "splitshelf.toml").write_text(
        '[shop]\ntime_zone = "Europe/Berlin"\n[store]\nurl = "sqlite:///shop.sqlite"\n'
    )
    monkeypatch.chdir(tmp_path)
    variants = ["--variant", "control=popular", "--variant", "better=personal"]
    more = ["--switchback", "--days", "28", "--json"]
    got = CliRunner().invoke(command, ["start", "shelf", *variants, *more], catch_exceptions=False)
    plan = json.loads(got.output)
    assert (plan["kind"], plan["zone"], plan["planned_days"]) == (
        "switchback",
        "Europe/Berlin",
        28,
    )
    with pytest.raises(InputError, match="the last 28 days"):
        CliRunner().invoke(command, ["plan", "--switchback"], catch_exceptions=False)
