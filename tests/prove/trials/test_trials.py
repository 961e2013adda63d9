"""The trials show each way of looking at its nominal rate, and each guard better than none."""

import numpy as np
import pytest

from splitshelf.cli.benchmark_analysis import report
from splitshelf.prove.guards import GUARDS
from splitshelf.prove.trials import speed
from splitshelf.prove.trials.alarms import alarm
from splitshelf.prove.trials.peeking import PUBLISHED, WORLDS, holds, trial
from splitshelf.prove.trials.pitfalls import PITFALLS

TESTS = 1000
NOISE = 3 * np.sqrt(0.05 * 0.95 / TESTS)


@pytest.fixture(scope="module")
def peeking():
    """A thousand tests of every way of looking."""
    return trial(np.random.default_rng(3), TESTS)


@pytest.mark.parametrize("world", WORLDS)
def test_looking_errs_as_often_as_it_says(peeking, world):
    """Planned looks keep alpha and spend it; always-valid keeps it; naive peeking does not."""
    rate = {way: worlds[world].false_positives for way, worlds in peeking.items()}
    assert rate["one look at the end"] == pytest.approx(0.05, abs=NOISE)
    assert rate["O'Brien-Fleming"] == pytest.approx(0.05, abs=NOISE)
    assert rate["always valid"] <= 0.05
    assert rate["stop at the first p < .05"] > 0.2


@pytest.mark.parametrize(("world", "least"), [("normal", 0.9), ("conversion", 0.81)])
def test_planned_looks_find_more_than_always_valid_and_sooner(peeking, world, least):
    """With a plan the power is that of the published table, and stopping is no later."""
    planned = peeking["O'Brien-Fleming"][world]
    anytime = peeking["always valid"][world]
    assert planned.power > least
    assert planned.power > anytime.power + 0.1
    assert planned.looks < anytime.looks + 0.5


@pytest.mark.parametrize("way", PUBLISHED)
def test_every_way_of_looking_is_as_good_as_published(peeking, way):
    """Alpha is kept in every world, and the power is that of the published table."""
    for world, found in peeking[way].items():
        assert holds(way, world, found, TESTS), (world, found)


@pytest.mark.parametrize("name", PITFALLS)
def test_every_pitfall_is_guarded_as_promised(name):
    """Errors are at most nominal and powers at least the published, within Monte Carlo error."""
    found = PITFALLS[name](np.random.default_rng(4), 150)
    assert 0 <= found.guarded <= 1
    assert found.holds, found


@pytest.mark.parametrize("name", GUARDS)
def test_every_guard_has_a_sound_and_a_broken_world(name):
    """Each guard is quiet as often as it says, and speaks where its own fault is planted."""
    found = alarm(name, np.random.default_rng(6), 300)
    assert found.holds, found


@pytest.mark.parametrize("name", ["cuped", "outliers", "novelty", "lost_shoppers"])
def test_guards_that_find_more_find_more(name):
    """CUPED and capping raise the power; the slope and the sample ratio find what is hidden."""
    found = PITFALLS[name](np.random.default_rng(5), 300)
    assert found.guarded > found.without


def test_the_fast_analysis_agrees_with_tea_tasting(tmp_path):
    """On 50,000 shoppers our p are tea-tasting's to 1e-9, and the document has every figure."""
    path = tmp_path / "shoppers.parquet"
    speed.make(path, 50_000)
    best = {way: speed.measure(way, path) for way in speed.WAYS}
    document = report(50_000, best)
    assert document["largest_p_gap"] < 1e-9
    assert {"ours", "duckdb", "tea_tasting", "ratio_duckdb", "ratio_tea_tasting"} <= document.keys()
