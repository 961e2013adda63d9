"""`splitshelf benchmark sessions`: the next click of a session."""

from pathlib import Path

import click

from splitshelf.cli.benchmark_options import names_option
from splitshelf.cli.output import emit, json_option
from splitshelf.cli.tables import benchmark_table

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(
    epilog="Example: splitshelf benchmark sessions --train train_sessions.jsonl.gz "
    "--test test.jsonl.gz --json"
)
@click.option("--train", required=True, type=_FILE, help="A JSON list of items a line, in time.")
@click.option(
    "--test", required=True, type=_FILE, help='A JSON {"prefix": [...], "target": item} a line.'
)
@names_option
@click.option("--seed", default=42, show_default=True, help="Of everything random.")
@json_option
def sessions(train: Path, test: Path, *, names: list[str], seed: int, as_json: bool) -> None:
    """Ask for the click that follows each prefix; files may be gzipped."""
    from splitshelf.learn.benchmarks.sessions import run_sessions  # noqa: PLC0415 (quick --help)

    result = run_sessions(train, test, names, seed)
    emit(result, as_json, lambda console: benchmark_table(console, result))
