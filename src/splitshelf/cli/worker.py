"""`splitshelf worker`: keep the models of a shop up to date."""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

import click

from splitshelf.app import open_shop
from splitshelf.cli.output import config_option
from splitshelf.operate.alone import alone
from splitshelf.operate.training import train_apart
from splitshelf.operate.worker import Worker

EXAMPLE = """
Example:

    splitshelf worker --config my-shop/splitshelf.toml
"""
_LOWEST = 19


@click.command(epilog=EXAMPLE)
@config_option
@click.option("--tied", is_flag=True, hidden=True, help="Ends when standard input is closed.")
def worker(config: str, tied: bool) -> None:
    """Refresh what is counted and train every day, until Ctrl+C; `serve` runs one by itself.

    It works with the lowest priority, so that shoppers do not wait for it, and one is enough for a
    shop: a second says so and ends.
    """
    with open_shop(config) as shop, alone(shop.models):
        with suppress(OSError):
            os.nice(_LOWEST)
        path = Path(config).resolve()
        job = Worker(
            shop.store, shop.models, shop.settings, shop.clock, lambda stop: train_apart(path, stop)
        )
        signal.signal(signal.SIGTERM, lambda *_: job.stop.set())
        signal.signal(signal.SIGINT, lambda *_: job.stop.set())
        if tied:
            Thread(target=_until_closed, args=(job.stop,), daemon=True).start()
        else:
            click.echo(f"{shop.settings.shop.name}: keeping {shop.models}", err=True)
        job.run()


def _until_closed(stop: Event) -> None:
    """Stop when whoever started this process is gone."""
    sys.stdin.read()
    stop.set()
