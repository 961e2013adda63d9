"""`splitshelf benchmark baskets`: the next order of each user."""

from pathlib import Path

import click

from splitshelf.cli.benchmark_options import names_option
from splitshelf.cli.output import emit, json_option
from splitshelf.cli.tables import benchmark_table

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(
    epilog="Example: splitshelf benchmark baskets --history history.json --future future.json"
)
@click.option("--history", required=True, type=_FILE, help="JSON {user: [[items], ...]}.")
@click.option("--future", required=True, type=_FILE, help="The same, of what came after.")
@names_option
@click.option("--seed", default=42, show_default=True, help="Of everything random.")
@json_option
def baskets(history: Path, future: Path, *, names: list[str], seed: int, as_json: bool) -> None:
    """Ask for the first order of the future of each user of the history."""
    from splitshelf.learn.benchmarks.baskets import run_baskets  # noqa: PLC0415 (quick --help)

    result = run_baskets(history, future, names, seed)
    emit(result, as_json, lambda console: benchmark_table(console, result))
