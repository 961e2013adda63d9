"""`splitshelf benchmark off-policy`: do off-policy intervals hold the true value?"""

import math

import click
import msgspec
import numpy as np
from rich.console import Console
from rich.table import Table

from splitshelf.cli.output import emit, json_option, progress
from splitshelf.simulate.shelves import Covered, covering, readers, refusals

EXAMPLE = """
Example:

    splitshelf benchmark off-policy --runs 200 --json
"""


@click.command(epilog=EXAMPLE)
@click.option("--runs", default=1000, show_default=True, type=click.IntRange(2))
@click.option("--shelves", default=2000, show_default=True, type=click.IntRange(100))
@click.option("--seed", default=42, show_default=True)
@json_option
def off_policy(runs: int, shelves: int, seed: int, as_json: bool) -> None:
    """Ask simulated logs about a policy whose value is known, and count intervals that hold it.

    A personal policy serves and logs; the one asked about shows everybody what is popular.
    """
    rng = np.random.default_rng(seed)
    world = readers()
    with progress() as bar:
        task = bar.add_task("logs", total=runs)
        tick = lambda: bar.advance(task)  # noqa: E731 (one line that is passed on)
        found = covering(world, rng, runs=runs, shelves=shelves, tick=tick)
    why = refusals(world, shelves, rng)
    document = {
        "runs": runs,
        "shelves": shelves,
        "seed": seed,
        "monte_carlo_error": math.sqrt(0.05 * 0.95 / runs),
        "estimators": msgspec.to_builtins(found),
        "refused": why,
    }
    emit(document, as_json, lambda console: show(console, found, why))


def show(console: Console, found: dict[str, Covered], why: dict[str, str]) -> None:
    """Print the table, and what is refused."""
    table = Table("estimator", "truth", "mean", "spread", "covered")
    for name, one in found.items():
        figures = (f"{figure:.5f}" for figure in (one.truth, one.mean, one.spread))
        table.add_row(name, *figures, f"{one.covered:.1%}")
    console.print(table)
    for asked, reason in why.items():
        console.print(f"{asked}: {reason}")
