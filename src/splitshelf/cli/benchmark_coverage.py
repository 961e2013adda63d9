"""`splitshelf benchmark coverage`: do the intervals hold the truth as often as they say?"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import click
import msgspec
import numpy as np
from rich.console import Console
from rich.table import Table

from splitshelf.app import Shop, open_shop
from splitshelf.cli import demo_steps as steps
from splitshelf.cli.output import emit, json_option, progress
from splitshelf.core.events import Event
from splitshelf.core.experiments import Experiment, Status, Variant
from splitshelf.core.protocols import Store
from splitshelf.core.slates import Exposure
from splitshelf.prove.outcomes import OUTCOMES
from splitshelf.simulate import stage
from splitshelf.simulate.catalogue import catalogue
from splitshelf.simulate.counter import InProcess
from splitshelf.simulate.engine import Record
from splitshelf.simulate.populations import (
    Coverage,
    Population,
    covering,
    lacking,
    populate,
    yesterday,
)
from splitshelf.simulate.schedule import Planned, history, plan
from splitshelf.simulate.truth import Aside, Serve
from splitshelf.simulate.visits import Ask
from splitshelf.simulate.waiting import timed

EXAMPLE = """
Example:

    splitshelf benchmark coverage --population 300 --experiments 200 --shoppers 2000 --json
"""
NOW = datetime(2026, 3, 30, tzinfo=UTC)
DAYS = 14
"""How long an experiment runs, and how long before it is looked back."""
VISITS = 6.0
"""How often shoppers come in that time, on average over regulars and strangers."""
REGULARITY = 0.4
"""The shape of how often single shoppers come: the smaller, the fewer do most of the visits."""
PRODUCTS = 400
SLOWER = {"personal": 1.1}
"""How many times as long the shelves of a policy take, see `timed`."""
Coverages: TypeAlias = dict[str, dict[str, Coverage]]


@dataclass(frozen=True, slots=True)
class Size:
    """How large a run is."""

    population: int
    """Simulated shoppers; each lives through the experiment twice."""
    experiments: int
    shoppers: int
    """Drawn from the population for each experiment."""
    seed: int


@click.command(epilog=EXAMPLE)
@click.option("--population", default=4000, show_default=True, type=click.IntRange(50))
@click.option("--experiments", default=1000, show_default=True, type=click.IntRange(2))
@click.option("--shoppers", default=8000, show_default=True, type=click.IntRange(100))
@click.option("--seed", default=42, show_default=True)
@json_option
def coverage(population: int, experiments: int, shoppers: int, seed: int, as_json: bool) -> None:
    """Run experiments with a known truth in the simulated shop, and count intervals that hold it.

    The population lives through a personal home shelf and through best-sellers; its effect on every
    outcome is then known exactly. Each experiment sees every shopper under one variant only.
    """
    size = Size(population, experiments, shoppers, seed)
    document, found = measure(size)
    emit(document, as_json, lambda console: show(console, found))


def measure(size: Size) -> tuple[dict[str, Any], Coverages]:
    """The document, and outcome -> way -> how its intervals did."""
    with TemporaryDirectory() as folder:
        config = Path(folder) / "splitshelf.toml"
        steps.write_config(config, "Coverage", 8000)
        with open_shop(config, lambda: NOW) as shop:
            experiment, population = lived(shop, size.population)
    rng = np.random.default_rng(size.seed)
    with progress() as bar:
        task = bar.add_task("experiments", total=size.experiments)
        found = covering(
            population,
            experiment,
            rng,
            experiments=size.experiments,
            shoppers=size.shoppers,
            tick=lambda: bar.advance(task),
        )
    return report(size, found, lacking(population)), found


def report(size: Size, found: Coverages, missing: Mapping[str, int]) -> dict[str, Any]:
    """The document: every registered outcome, or why it is left out or not adjusted."""
    return {
        **msgspec.to_builtins(size),
        "monte_carlo_error": math.sqrt(0.05 * 0.95 / size.experiments),
        "outcomes": msgspec.to_builtins(found),
        "left_out": {
            name: f"Only {count} shoppers of the population have it."
            for name, count in missing.items()
        },
        "without_cuped": {
            name: OUTCOMES[name].without_past or "It never varied before the start."
            for name, ways in found.items()
            if "cuped" not in ways
        },
    }


def lived(shop: Shop, shoppers: int) -> tuple[Experiment, Population]:
    """The population of a new generated shop, and the experiment that it lived through twice."""
    now = shop.clock()
    started, warm = now - timedelta(days=DAYS), now - timedelta(days=2 * DAYS)
    shop.store.put_products(catalogue(PRODUCTS))
    scene = stage.generated(shop.store, stage.Setting(shoppers=shoppers))
    shop.store.append(
        list(history(scene.world, scene.people, shoppers=min(shoppers, 1000), until=warm))
    )
    steps.learn(shop)
    experiment = planned(started)
    serve = server(shop)
    first = Aside(shop.store.products(), (), visits(shoppers, warm, 1), started, {})
    past, shown = yesterday(experiment, first, lambda: scene.crowd("b", 2), serve)
    second = replace(first, past=past, shown=shown, visits=visits(shoppers, started, 2), until=now)
    return experiment, populate(experiment, second, lambda: scene.crowd("t", 1), serve)


def planned(started: datetime) -> Experiment:
    """Best-sellers against a personal home shelf, with every outcome measured."""
    return Experiment(
        id="coverage",
        variants=(
            Variant(name="control", policy="popular", weight=0.5),
            Variant(name="treatment", policy="personal", weight=0.5),
        ),
        placements=("home",),
        outcomes=tuple(OUTCOMES),
        before_days=DAYS,
        status=Status.RUNNING,
        started=started,
    )


def visits(shoppers: int, since: datetime, seed: int) -> Sequence[Planned]:
    """Everybody comes at least once in the days since then, regulars as often as ever."""
    habits = np.random.default_rng(shoppers).gamma(REGULARITY, (VISITS - 1) / REGULARITY, shoppers)
    rng = np.random.default_rng((seed, shoppers))
    return plan(range(shoppers), since=since, days=DAYS - 0.5, mean=1 + habits, rng=rng)


def server(shop: Shop) -> Serve:
    """How worlds set aside are served: by the shop's own artefact and policies."""

    def serve(store: Store, alone: Experiment) -> tuple[Ask, Record]:
        def keep(events: Sequence[Event], shown: Sequence[Exposure]) -> None:
            store.append_exposures([timed(one, SLOWER) for one in shown])
            store.append(events)

        counter = InProcess(steps.recommender_of(shop, store, alone), keep)
        return counter.ask, counter.record

    return serve


def show(console: Console, found: Coverages) -> None:
    """Print one row for each outcome and way."""
    table = Table("outcome", "way", "truth", "covered", "relative", "found", "variance", "1 - rho²")
    for name, ways in found.items():
        for way, one in ways.items():
            shares = (f"{share:.1%}" for share in (one.covered, one.covered_relative, one.found))
            ratios = (one.variance_ratio, one.predicted_ratio)
            shown = ("" if ratio is None else f"{ratio:.3f}" for ratio in ratios)
            table.add_row(name, way, f"{one.truth:+.4g}", *shares, *shown)
    console.print(table)
