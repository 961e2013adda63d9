"""`splitshelf simulate`: shoppers with known tastes visit a shop."""

import signal
import threading
import time
from dataclasses import asdict, dataclass

import click
from rich.console import Console

from splitshelf.app import Shop, open_shop
from splitshelf.cli.output import config_option, emit, json_option
from splitshelf.core.errors import InputError
from splitshelf.simulate.counter import InProcess, OverHttp
from splitshelf.simulate.stage import Stage, stage_of
from splitshelf.simulate.traffic import Traffic

EXAMPLE = """
Examples:

    splitshelf simulate --visits 200 --rate 50

    splitshelf simulate --url http://127.0.0.1:8000 --minutes 5
"""


@dataclass(frozen=True, slots=True)
class Simulated:
    """What the shoppers did."""

    visits: int
    events: int
    seconds: float


@click.command(epilog=EXAMPLE)
@config_option
@click.option("--url", help="Ask this running server over HTTP; in this process where not given.")
@click.option("--rate", default=2.0, show_default=True, help="Visits a second.")
@click.option("--minutes", type=float, help="How long; until Ctrl+C where neither is given.")
@click.option("--visits", type=click.IntRange(1), help="How many visits; ends when all have ended.")
@click.option("--seed", default=1, show_default=True, help="Of everything random.")
@json_option
def simulate(  # noqa: PLR0917 (click passes one argument an option)
    config: str,
    url: str | None,
    rate: float,
    minutes: float | None,
    visits: int | None,
    seed: int,
    as_json: bool,
) -> None:
    """Send shoppers who look, click, save and buy, in real time.

    A generated shop is visited by its own shoppers; a shop with a real log by shoppers who take
    after its customers. They see only what real ones would: shelves, by position.
    """
    if rate <= 0:
        raise InputError(f"--rate is {rate:g}, must be above 0.")
    stop = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    if minutes is not None:
        threading.Timer(minutes * 60, stop.set).start()
    began = time.perf_counter()
    with open_shop(config) as shop:
        traffic = traffic_of(shop, stage_of(shop.store), url, rate=rate, seed=seed)
        traffic.run(shop.clock, stop, visits)
    stop.set()
    done = Simulated(
        traffic.tally.visits, traffic.tally.events, round(time.perf_counter() - began, 1)
    )
    emit(asdict(done), as_json, lambda console: render(console, done))


def traffic_of(shop: Shop, stage: Stage, url: str | None, *, rate: float, seed: int) -> Traffic:
    """Shoppers who meet the shop in this process, or at an address."""
    if url is None:
        counter = InProcess(
            shop.recommender, lambda events, shown: shop.commits.submit(events, shown).result()
        )
    else:
        counter = OverHttp(url, shop.settings.serve.public_key)
    name = f"s{seed:x}-{int(shop.clock().timestamp()):x}-"
    crowd = stage.crowd(name, seed)
    return Traffic(crowd, counter.ask, counter.record, known=stage.known, rate=rate, seed=seed)


def render(console: Console, done: Simulated) -> None:
    """Write one sentence for a person."""
    console.print(f"{done.visits:,} visits left {done.events:,} events in {done.seconds:g} s.")
