"""Nothing is shipped where nothing was done, and intervals hold what is known to be true."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner

from prove_worlds import exposure
from splitshelf.cli.benchmark_coverage import coverage
from splitshelf.collect.stores.opening import open_store
from splitshelf.core.assignment import assign
from splitshelf.prove.columns import COLUMNS
from splitshelf.prove.outcomes import OUTCOMES
from splitshelf.simulate.experiments import Planted, planted_columns
from splitshelf.simulate.populations import BEFORE, Population, covering, drawn, lacking
from splitshelf.simulate.replays import Dealt, plan, planted, replay, watched
from splitshelf.simulate.waiting import timed

STARTED = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """Three hundred shoppers over four days, in a real store."""
    store = open_store("sqlite:///aa.sqlite", tmp_path_factory.mktemp("aa"))
    rng = np.random.default_rng(1)
    yield planted(store, shoppers=300, days=4, started=STARTED, rng=rng)
    store.close()


def test_every_salt_deals_the_log_by_the_real_hash(log):
    """The same exposures, each with the variant that the assignment gives its shopper."""
    for name in ("one", "two"):
        experiment = plan(name, STARTED, 4, 300, "conversion")
        dealt = list(Dealt(log, experiment).scan_exposures(experiment=name))
        assert [one.id for one in dealt] == [one.id for one in log.exposures]
        assert all(one.variant == assign(experiment, one.shopper).name for one in dealt)


def test_a_replay_is_judged_on_all_of_its_log(log):
    """At the end of the last day every shopper counts, and every look of the plan was taken."""
    verdicts = watched(log, plan("three", STARTED, 4, 300, "conversion"), 4)
    assert sum(verdicts[-1].shoppers.values()) == 300
    assert verdicts[-1].looks[-1].fraction == 1
    shoppers = [sum(verdict.shoppers.values()) for verdict in verdicts]
    assert shoppers == sorted(shoppers)
    assert shoppers[0] < 300


def test_planned_and_always_valid_looks_ship_nothing_too_often(log):
    """Over forty A/A experiments with daily looks, false ships stay below alpha and its error."""
    found = replay(log, [f"aa-{number}" for number in range(40)], started=STARTED, days=4)
    for method in ("planned looks", "always valid"):
        assert found.methods[method].ships <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 40)
        assert found.methods[method].ships <= found.methods[method].significant
    naive = found.methods["stop at the first p < alpha"].significant
    assert naive >= found.methods["planned looks"].significant


@dataclass(frozen=True)
class World:
    """A population by construction, and what is true of it."""

    population: Population
    experiment: object


@pytest.fixture(scope="module")
def world():
    """Two thousand shoppers whose treatment adds to what they would have done, and their past."""
    rng = np.random.default_rng(8)
    control, _ = planted_columns(Planted(shoppers=4000, conversion=0.4), rng)
    bought = (rng.random(2000) < 0.1) * 40.0
    past = control["revenue"] * 0.5 + rng.gamma(1, 20, 2000)
    before = {BEFORE + "revenue": past}
    treatment = {**control, "revenue": control["revenue"] + bought}
    return World(
        Population({**control, **before}, {**treatment, **before}),
        plan("drawn", STARTED, 1, 0, "revenue_per_shopper"),
    )


def test_an_experiment_sees_every_shopper_under_one_variant(world):
    """Each shopper that is drawn lands in one arm, about half in each."""
    columns = drawn(world.population, world.experiment, np.random.default_rng(2), 2000)
    sizes = [len(rows["slates"]) for rows in columns.values()]
    assert sum(sizes) == 2000
    assert min(sizes) > 880


def test_intervals_hold_the_truth_of_the_population(world, monkeypatch):
    """With CUPED and without, intervals cover; the variance falls by what the past explains."""
    one = {"revenue_per_shopper": OUTCOMES["revenue_per_shopper"]}
    monkeypatch.setattr("splitshelf.simulate.populations.OUTCOMES", one)
    found = covering(
        world.population,
        world.experiment,
        np.random.default_rng(3),
        experiments=200,
        shoppers=1000,
    )["revenue_per_shopper"]
    assert found["plain"].truth == pytest.approx(4, abs=0.7)
    for way in found.values():
        assert 0.95 - 4 * np.sqrt(0.05 * 0.95 / 200) <= way.covered
        assert way.error == pytest.approx(way.spread, rel=0.2)
    cuped = found["cuped"]
    assert cuped.variance_ratio == pytest.approx(cuped.predicted_ratio, abs=0.15)
    assert cuped.predicted_ratio < 0.8


def test_what_too_few_have_is_left_out_by_name(world):
    """An outcome that nobody of the population has is named with its count."""
    bare = dict.fromkeys(COLUMNS, np.zeros(50)) | {"revenue": np.ones(50)}
    missing = lacking(Population(bare, bare))
    assert "revenue_per_shopper" not in missing
    assert missing["conversion"] == 0
    assert missing.keys() < OUTCOMES.keys()


def test_the_time_of_shelves_is_planted():
    """Milliseconds follow from who, what and by which policy, slower by what was planted."""
    found = {}
    for policy in ("popular", "personal"):
        slates = [exposure(f"x{n}", f"s{n % 99}", None, STARTED) for n in range(3000)]
        shown = [msgspec.structs.replace(one, policy=policy) for one in slates]
        found[policy] = np.array([timed(one, {"personal": 1.1}).took for one in shown])
    assert found["personal"] == pytest.approx(1.1 * found["popular"])
    assert np.median(found["popular"]) == pytest.approx(12, rel=0.1)


@pytest.mark.slow
def test_the_benchmark_of_coverage_knows_every_outcome():
    """Each registered outcome is in its document, with intervals or the reason why not."""
    found = CliRunner().invoke(
        coverage, ["--population", "60", "--experiments", "3", "--shoppers", "200", "--json"]
    )
    document = json.loads(found.stdout)
    assert document["outcomes"].keys() | document["left_out"].keys() == OUTCOMES.keys()
    assert not document["outcomes"].keys() & document["left_out"].keys()
    assert "latency" in document["outcomes"]
    plain = {name for name, ways in document["outcomes"].items() if "cuped" not in ways}
    assert document["without_cuped"].keys() == plain
