"""`splitshelf benchmark export`: how fast the log becomes training arrays."""

import tempfile
from pathlib import Path

import click

from splitshelf.cli.output import emit, json_option, progress
from splitshelf.collect.export_benchmark import measure_export

EXAMPLE = """
Example:

    splitshelf benchmark export --events 1000000 --json
"""


@click.command(epilog=EXAMPLE)
@click.option("--events", default=10_000_000, show_default=True, type=click.IntRange(1000))
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1), help="Turns each.")
@click.option(
    "--folder",
    default=".",
    show_default=True,
    type=click.Path(exists=True, file_okay=False, writable=True),
    help="Where the events are stored for the time being.",
)
@json_option
def export(events: int, rounds: int, folder: str, as_json: bool) -> None:
    """Seconds from the log to training arrays, beside DuckDB interning the same Parquet."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch, progress() as bar:
        task = bar.add_task("storing events", total=events)
        report = measure_export(
            Path(scratch), events, rounds, lambda count: bar.advance(task, count)
        )
    ours, peer = report["splitshelf"], report["duckdb"]
    emit(
        report,
        as_json,
        lambda console: console.print(
            f"{events:,} events: {ours['seconds']:.2f} s, DuckDB {peer['seconds']:.2f} s, ratio"
            f" {report['ratio']:.2f}; peak memory {ours['peak_megabytes']:,.0f} MB and"
            f" {peer['peak_megabytes']:,.0f} MB"
        ),
    )
