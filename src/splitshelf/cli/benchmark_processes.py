"""`splitshelf benchmark processes`: how soon one process knows what another was told."""

from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np
from rich.console import Console

from splitshelf.cli.output import emit, json_option, progress
from splitshelf.core.settings import Settings
from splitshelf.serve.benchmark.processes import Told, told
from splitshelf.serve.benchmark.shop import Size, make_shop

EXAMPLE = """
Example:

    splitshelf benchmark processes --postgresql postgresql://shop@localhost/scratch --json
"""
_SIZE = Size(products=2_000, shoppers=5_000, events=50_000)


@click.command(epilog=EXAMPLE)
@click.option("--events", default=1_000, show_default=True, type=click.IntRange(1))
@click.option("--postgresql", metavar="URL", help="An empty PostgreSQL database to measure too.")
@json_option
def processes(events: int, postgresql: str | None, as_json: bool) -> None:
    """Tell one of two API processes of a view, and ask the other for a shelf at once.

    Each event is of a shopper nobody knew, so that the answer shows whether it counts. Milliseconds
    from sending the event to having the other's answer.
    """
    urls = {"sqlite": Settings().store.url} | ({"postgresql": postgresql} if postgresql else {})
    found = []
    with progress() as bar:
        task = bar.add_task("Making shops", total=None)
        for store, url in urls.items():
            with TemporaryDirectory() as name:
                make_shop(Path(name), _SIZE, np.random.default_rng(42), lambda *_: None, url)
                bar.update(task, description=f"Two processes on {store}")
                found.append(told(Path(name), store, events))
    emit({"stores": found}, as_json, lambda console: render(console, found))


def render(console: Console, found: list[Told]) -> None:
    """Write a line a store."""
    for one in found:
        console.print(
            f"{one.store}: {one.events:,} events told to one process, {one.missed} missed by the "
            f"other; its answer came after {one.p50_ms:.1f} ms (p50), {one.p90_ms:.1f} ms (p90), "
            f"{one.p99_ms:.1f} ms (p99), {one.most_ms:.1f} ms at most. The event alone took "
            f"{one.event_p50_ms:.1f} ms to be durable."
        )
