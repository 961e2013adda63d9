"""`splitshelf benchmark ingest`: how many events a second become durable."""

import tempfile
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from splitshelf.cli.output import emit, json_option
from splitshelf.collect.ingest_benchmark import measure

EXAMPLE = """
Example:

    splitshelf benchmark ingest --postgresql postgresql://shop@localhost/scratch --json
"""


@click.command(epilog=EXAMPLE)
@click.option("--postgresql", metavar="URL", help="An empty PostgreSQL database to measure too.")
@click.option(
    "--folder",
    default=".",
    show_default=True,
    type=click.Path(exists=True, file_okay=False, writable=True),
    help="The disk to measure; what is written there is removed again.",
)
@click.option("--rounds", default=9, show_default=True, type=click.IntRange(3), help="Turns each.")
@click.option("--seconds", default=1.0, show_default=True, type=float, help="Length of a turn.")
@json_option
def ingest(postgresql: str | None, folder: str, rounds: int, seconds: float, as_json: bool) -> None:
    """Durable events a second, as a ratio to a bare append and fdatasync in the same run."""
    urls = {"sqlite": "sqlite:///ingest.sqlite"}
    if postgresql:
        urls["postgresql"] = postgresql
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        report = measure(urls, Path(scratch), rounds=rounds, seconds=seconds)
    emit(report, as_json, lambda console: _render(console, report))


def _render(console: Console, report: dict) -> None:
    table = Table("", "events/s", "ratio", title="Durable ingest")
    for size, rate in report["floor"].items():
        table.add_row(f"bare file, {size}", f"{rate:,.0f}", "1.00")
    stores = {name: found for name, found in report.items() if "single_32" in found}
    for store, found in stores.items():
        for name in ("batch_20", "batch_200", "single_32"):
            figures = found[name]
            ratio = figures.get("ratio", figures.get("ratio_ungrouped"))
            table.add_row(
                f"{store}, {name}", f"{figures['events_per_second']:,.0f}", f"{ratio:.2f}"
            )
    console.print(table)
    sync = report["fdatasync_microseconds"]
    console.print(f"fdatasync of the bare file: {sync['p50']:.0f} µs (p99 {sync['p99']:.0f})")
    for store, found in stores.items():
        for what in ("history", "traces"):
            read = found[f"{what}_microseconds"]
            line = f"{store}: the {what} of 20 acts in {read['p50']:.0f} µs (p99 {read['p99']:.0f})"
            console.print(line)
