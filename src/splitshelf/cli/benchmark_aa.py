"""`splitshelf benchmark aa`: how many tests of nothing would have been shipped."""

import math
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import msgspec
import numpy as np
from rich.console import Console
from rich.table import Table

from splitshelf.cli.output import emit, json_option, progress
from splitshelf.collect.stores.opening import open_store
from splitshelf.simulate.replays import Replay, planted, replay

EXAMPLE = """
Example:

    splitshelf benchmark aa --experiments 200 --json
"""
STARTED = datetime(2026, 3, 2, tzinfo=UTC)


@click.command(epilog=EXAMPLE)
@click.option("--experiments", default=10_000, show_default=True, type=click.IntRange(1))
@click.option("--shoppers", default=2000, show_default=True, type=click.IntRange(100))
@click.option("--days", default=10, show_default=True, type=click.IntRange(1, 50))
@click.option("--seed", default=42, show_default=True)
@json_option
def aa(experiments: int, shoppers: int, days: int, seed: int, as_json: bool) -> None:
    """Judge A/A experiments daily, from the hash to the verdict, and count false ships.

    All share the log of one store, and each deals it anew by its own salt.
    """
    rng = np.random.default_rng(seed)
    with TemporaryDirectory() as folder, progress() as bar:
        store = open_store("sqlite:///aa.sqlite", Path(folder))
        task = bar.add_task("A/A experiments", total=experiments)
        log = planted(store, shoppers=shoppers, days=days, started=STARTED, rng=rng)
        salts = [f"aa-{seed}-{number}" for number in range(experiments)]
        found = replay(log, salts, started=STARTED, days=days, tick=lambda: bar.advance(task))
        store.close()
    document = msgspec.to_builtins(found)
    document["monte_carlo_error"] = math.sqrt(found.alpha * (1 - found.alpha) / experiments)
    emit(document, as_json, lambda console: show(console, found))


def show(console: Console, found: Replay) -> None:
    """Print both tables."""
    table = Table("looking daily", "false ships", "called significant")
    for method, one in found.methods.items():
        table.add_row(method, f"{one.ships:.2%}", f"{one.significant:.2%}")
    console.print(table)
    table = Table("guard", "warned", "voided", "warned once", "voided once")
    for name, one in found.guards.items():
        shares = (one.warned, one.voided, one.warned_once, one.voided_once)
        table.add_row(name, *(f"{share:.2%}" for share in shares))
    console.print(table)
