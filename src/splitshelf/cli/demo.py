"""`splitshelf demo`: a shop, its dashboard and live shoppers, in one command."""

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import click

from splitshelf.app import Shop, open_shop
from splitshelf.cli import demo_steps as steps
from splitshelf.core.errors import InputError
from splitshelf.simulate.stage import Stage, stage_of
from splitshelf.web.server import listen, run

EXAMPLE = """
Examples:

    splitshelf demo

    splitshelf demo --data online_retail --port 8080
"""
MARK = ".splitshelf-demo"


@click.command(epilog=EXAMPLE)
@click.option(
    "--data",
    type=click.Path(exists=True, path_type=Path),
    help="A folder or file of a real shop's log, as `import` reads it; generated where not given.",
)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--folder",
    default="splitshelf-demo",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the demo lives; an earlier one there goes on.",
)
@click.option("--fresh", is_flag=True, help="Begin again: removes the demo in the folder first.")
@click.option("--no-traffic", is_flag=True, help="No live shoppers.")
@click.option("--rate", default=2.0, show_default=True, help="Visits a second.")
@click.option("--days", default=3.0, show_default=True, help="How long the test has run already.")
def demo(  # noqa: PLR0913, PLR0917 (click passes one argument an option)
    data: Path | None,
    port: int,
    host: str,
    folder: Path,
    fresh: bool,
    no_traffic: bool,
    rate: float,
    days: float,
) -> None:
    """Serve a shop, its dashboard and live simulated shoppers until Ctrl+C.

    The shop runs an experiment: best-sellers against the personal shelf. The dashboard shows the
    estimate beside the true lift, which the simulated world knows.
    """
    listener = listen(host, port)
    began = time.perf_counter()
    config = folder / "splitshelf.toml"
    if fresh:
        remove(folder)
    if not config.exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARK).touch()
        settle(config, data, listener.getsockname()[1], timedelta(days=days))
    with open_shop(config) as shop:
        stage = prepare(shop, data, timedelta(days=days))
        address = "http://{}:{}".format(*listener.getsockname()[:2])
        say(f"Ready after {time.perf_counter() - began:.0f} s.")
        say(f"  The shop       {address}/shop")
        say(f"  The dashboard  {address}/dashboard")
        say("Ctrl+C stops it.")
        with background(shop, stage, None if no_traffic else rate):
            run(shop, listener)


def settle(config: Path, data: Path | None, port: int, before: timedelta) -> None:
    """Write the settings; a real log says only once it is read which money its shop takes."""
    name = steps.name_of(data)
    steps.write_config(config, name, port)
    if data is None:
        return
    with open_shop(config) as shop, timed(f"Reading {data}"):
        steps.fill(shop, data, shop.clock() - before)
        currency = steps.currency_of(shop.store)
    steps.write_config(config, name, port, currency)


def prepare(shop: Shop, data: Path | None, before: timedelta) -> Stage:
    """The stage, with all that the demo needs in the store; what is there already stays."""
    if not steps.filled(shop):
        with timed("Filling the shop with two months of its past"):
            steps.fill(shop, data, shop.clock() - before)
    with timed("Meeting its shoppers"):
        stage = stage_of(shop.store)
    if not shop.models.exists():
        with timed("Learning from the log"):
            steps.learn(shop)
    if not steps.running(shop):
        with timed("Running the test for three days, in a hurry"):
            steps.merchandise(shop)
            steps.start(shop, shop.clock() - before)
            steps.catch_up(shop, stage)
    return stage


@contextmanager
def background(shop: Shop, stage: Stage, rate: float | None) -> Iterator[None]:
    """Live shoppers, and the search for the true lift, while the block runs."""
    stop = threading.Event()
    threads = [threading.Thread(target=steps.find_truth, args=(shop, stage, stop), daemon=True)]
    if rate is not None:
        live = threading.Thread(target=steps.go_live, args=(shop, stage, rate, stop), daemon=True)
        threads.append(live)
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=5)


def remove(folder: Path) -> None:
    """Remove an earlier demo; raises InputError rather than remove anything else."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).exists():
            raise InputError(
                f"{folder} is no demo, so --fresh does not remove it. Give another --folder."
            )
        shutil.rmtree(folder)


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Say what is done, and then how long it took."""
    click.echo(f"{what} ...", err=True, nl=False)
    began = time.perf_counter()
    yield
    click.echo(f" {time.perf_counter() - began:.1f} s", err=True)


def say(text: str) -> None:
    """A line for the person who waits."""
    click.echo(text, err=True)
