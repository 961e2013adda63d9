"""`splitshelf benchmark guards`: how often the statistics err, measured on simulated tests."""

import math
from collections.abc import Mapping
from typing import Any, TypeAlias

import click
import msgspec
import numpy as np
from rich.console import Console
from rich.table import Table

from splitshelf.cli.output import emit, json_option, progress
from splitshelf.core.protocols import Rng
from splitshelf.prove.guards import GUARDS
from splitshelf.prove.trials.alarms import Alarm, alarm
from splitshelf.prove.trials.peeking import PUBLISHED, Looking, holds, trial
from splitshelf.prove.trials.pitfall import Pitfall
from splitshelf.prove.trials.pitfalls import PITFALLS

EXAMPLE = """
Example:

    splitshelf benchmark guards --tests 2000 --json
"""
LOOKING = 10
"""How many times as many tests say how good the ways of looking are: they are told to .3 %."""
Peeking: TypeAlias = Mapping[str, Mapping[str, Looking]]


@click.command(epilog=EXAMPLE)
@click.option("--tests", default=2000, show_default=True, type=click.IntRange(100))
@click.option("--seed", default=42, show_default=True)
@json_option
def guards(tests: int, seed: int, as_json: bool) -> None:
    """Measure false positives and power of every way of looking, and of the guards.

    Each figure says whether it holds: errors at most as promised, power at least that of the
    published tables, both to within Monte Carlo error.
    """
    rng = np.random.default_rng(seed)
    peeking = trial(rng, LOOKING * tests)
    others, alarms = _others(rng, tests)
    document = report(tests, peeking, others, alarms) | {"seed": seed}
    emit(document, as_json, lambda console: show(console, peeking, others, alarms))


def _others(rng: Rng, tests: int) -> tuple[dict[str, Pitfall], dict[str, Alarm]]:
    others, alarms = {}, {}
    with progress() as bar:
        task = bar.add_task("pitfalls and guards", total=len(PITFALLS) + len(GUARDS))
        for name, measure in PITFALLS.items():
            others[name] = measure(rng, tests)
            bar.advance(task)
        for name in GUARDS:
            alarms[name] = alarm(name, rng, tests)
            bar.advance(task)
    return others, alarms


def report(
    tests: int, peeking: Peeking, others: Mapping[str, Pitfall], alarms: Mapping[str, Alarm]
) -> dict[str, Any]:
    """The document: every figure, and whether it holds."""
    looking = {
        way: {
            world: msgspec.to_builtins(one)
            | {
                "published": PUBLISHED.get(way, {}).get(world),
                "holds": holds(way, world, one, LOOKING * tests),
            }
            for world, one in worlds.items()
        }
        for way, worlds in peeking.items()
    }
    tables = {
        name: {key: msgspec.to_builtins(one) | {"holds": one.holds} for key, one in table.items()}
        for name, table in (("others", others), ("guards", alarms))
    }
    figures = [one for worlds in looking.values() for one in worlds.values()]
    figures += [one for table in tables.values() for one in table.values()]
    return {
        "tests": tests,
        "looking_tests": LOOKING * tests,
        "alpha": 0.05,
        "monte_carlo_error": math.sqrt(0.05 * 0.95 / tests),
        "holds": all(one["holds"] for one in figures),
        "peeking": looking,
        **tables,
    }


def show(
    console: Console,
    peeking: Peeking,
    others: Mapping[str, Pitfall],
    alarms: Mapping[str, Alarm],
) -> None:
    """Print the three tables."""
    table = Table("looking", "world", "false positives", "power", "looks")
    for way, worlds in peeking.items():
        for world, one in worlds.items():
            shares = (f"{one.false_positives:.2%}", f"{one.power:.1%}", f"{one.looks:.1f}")
            table.add_row(way, world, *shares)
    console.print(table)
    table = Table("pitfall", "what", "without", "guarded", "holds")
    for name, one in others.items():
        shown = (f"{one.without:.2%}", f"{one.guarded:.2%}", "yes" if one.holds else "no")
        table.add_row(name, one.what, *shown)
    console.print(table)
    table = Table("guard", "false alarms", "at most", "found", "holds")
    for name, one in alarms.items():
        shares = (f"{share:.2%}" for share in (one.false_alarms, one.nominal, one.found))
        table.add_row(name, *shares, "yes" if one.holds else "no")
    console.print(table)
