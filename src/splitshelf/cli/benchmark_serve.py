"""`splitshelf benchmark serve`: how fast the real server answers."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from splitshelf.app import open_shop
from splitshelf.cli.output import emit, json_option, progress
from splitshelf.core.context import Context
from splitshelf.core.errors import InputError
from splitshelf.serve.benchmark.run import RATES, Report, Wish, measure
from splitshelf.serve.benchmark.shop import CONFIG, Size, make_shop
from splitshelf.serve.benchmark.stages import requests_of, stages_of
from splitshelf.serve.benchmark.wrk import present

EXAMPLE = """
Example:

    splitshelf benchmark serve --products 20000 --shoppers 50000 --events 1000000
"""
_SAMPLED = 1_000


@click.command(epilog=EXAMPLE)
@click.option("--products", default=200_000, show_default=True, type=click.IntRange(100))
@click.option("--shoppers", default=1_000_000, show_default=True, type=click.IntRange(100))
@click.option("--events", default=20_000_000, show_default=True, type=click.IntRange(1_000))
@click.option("--rate", "rates", multiple=True, type=click.FloatRange(1), help="A fixed rate.")
@click.option("--seconds", default=5.0, show_default=True, help="Of each measurement.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keeps the generated shop for the next run; a temporary one where not given.",
)
@json_option
def serve(  # noqa: PLR0917 (click passes every option by name)
    products: int,
    shoppers: int,
    events: int,
    rates: tuple[float, ...],
    seconds: float,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Drive the real server on a generated shop, with everything on.

    Six rules, stock, exploration, reasons, durable exposures, and 400 events a second streaming in
    during every measurement: what the server does for them counts as time of the recommendations.
    Processor time a recommendation, latency in a closed loop and at fixed rates, and the same for
    a bare ASGI app and an idiomatic FastAPI route in the same run. Needs wrk (apt-get install wrk).
    """
    if not present():
        raise InputError("wrk is not installed. Install it: apt-get install wrk, brew install wrk.")
    size = Size(products, shoppers, events)
    with TemporaryDirectory() as temporary:
        wish = Wish(folder or Path(temporary), size, rates or RATES, seconds, cores=two_cores())
        report = run(wish)
    emit(report, as_json, lambda console: render(console, report))


def run(wish: Wish) -> Report:
    """The report, with a progress bar for the long steps."""
    with progress() as bar:
        task = bar.add_task("Making the shop", total=1.0)
        make_shop(
            wish.folder,
            wish.size,
            np.random.default_rng(42),
            lambda what, share: bar.update(task, description=what, completed=share),
        )
        bar.update(task, description="Stage by stage", total=None)
        with open_shop(wish.folder / CONFIG) as shop:
            requests = requests_of(wish.size.shoppers, _SAMPLED, Context(at=shop.clock()))
            stages = stages_of(shop.recommender, requests)
        return measure(wish, stages, lambda what: bar.update(task, description=what))


def two_cores() -> tuple[int | None, int | None]:
    """A core for the server and another for the load, where the machine lets us choose."""
    if not hasattr(os, "sched_getaffinity"):
        return None, None
    cores = sorted(os.sched_getaffinity(0))
    return (cores[0], cores[1]) if len(cores) > 1 else (None, None)


def render(console: Console, report: Report) -> None:
    """Write the report for a person."""
    closed = report.closed
    console.print(
        f"{closed.requests_per_second:,.0f} recommendations/s with 32 connections, p50 "
        f"{closed.p50_ms:.1f}, p90 {closed.p90_ms:.1f}, p99 {closed.p99_ms:.1f} ms; "
        f"{closed.cpu_us:.0f} us of processor time each: {report.ratio_hello:.1f} x a bare hello "
        f"({report.hello_cpu_us:.0f} us), {report.ratio_fastapi:.1f} x a FastAPI route "
        f"({report.fastapi_cpu_us:.0f} us)."
    )
    console.print(
        f"Every shelf obeyed {len(report.rules)} rules ({', '.join(report.rules)}); meanwhile "
        f"{report.events.per_second:.0f} events/s came in, {report.events.cpu_us:.0f} us each."
    )
    rates = Table("asked/s", "answered/s", "p50 ms", "p90 ms", "p99 ms", "errors")
    for one in report.rates:
        times = (f"{value:.1f}" for value in (one.p50_ms, one.p90_ms, one.p99_ms))
        rates.add_row(f"{one.rate:,.0f}", f"{one.achieved:,.0f}", *times, str(one.errors))
    console.print(rates)
    stages = Table("stage", "us")
    for name, microseconds in report.stages.items():
        stages.add_row(name, f"{microseconds:.1f}")
    console.print(stages)
