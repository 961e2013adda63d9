"""`splitshelf benchmark guards`: how often the statistics err, measured on simulated tests."""

import math

import click
import msgspec
import numpy as np
from rich.console import Console
from rich.table import Table

from splitshelf.cli.output import emit, json_option, progress
from splitshelf.prove.trials.peeking import Looking, trial
from splitshelf.prove.trials.pitfalls import PITFALLS, Pitfall

EXAMPLE = """
Example:

    splitshelf benchmark guards --tests 2000 --json
"""
HUNDREDS = 400
"""Tests of a pitfall, at most: they draw every shopper."""


@click.command(epilog=EXAMPLE)
@click.option("--tests", default=2000, show_default=True, type=click.IntRange(100))
@click.option("--seed", default=42, show_default=True)
@json_option
def guards(tests: int, seed: int, as_json: bool) -> None:
    """Measure false positives and power of every way of looking, and of the guards."""
    rng = np.random.default_rng(seed)
    peeking = trial(rng, tests)
    others: dict[str, Pitfall] = {}
    with progress() as bar:
        task = bar.add_task("pitfalls", total=len(PITFALLS))
        for name, measure in PITFALLS.items():
            others[name] = measure(rng, min(tests, HUNDREDS))
            bar.advance(task)
    document = {
        "tests": tests,
        "seed": seed,
        "alpha": 0.05,
        "monte_carlo_error": math.sqrt(0.05 * 0.95 / tests),
        "peeking": msgspec.to_builtins(peeking),
        "others": msgspec.to_builtins(others),
    }
    emit(document, as_json, lambda console: show(console, peeking, others))


def show(
    console: Console, peeking: dict[str, dict[str, Looking]], others: dict[str, Pitfall]
) -> None:
    """Print both tables."""
    table = Table("looking", "world", "false positives", "power", "looks")
    for way, worlds in peeking.items():
        for world, one in worlds.items():
            shares = (f"{one.false_positives:.2%}", f"{one.power:.1%}", f"{one.looks:.1f}")
            table.add_row(way, world, *shares)
    console.print(table)
    table = Table("pitfall", "what", "without", "guarded")
    for name, one in others.items():
        table.add_row(name, one.what, f"{one.without:.2%}", f"{one.guarded:.2%}")
    console.print(table)
