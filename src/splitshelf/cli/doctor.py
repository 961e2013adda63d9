"""`splitshelf doctor`: does this installation work?"""

import platform
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import msgspec
from rich.console import Console
from rich.table import Table

from splitshelf.app import Shop, open_shop
from splitshelf.cli.init import write_settings
from splitshelf.cli.output import config_option, emit, json_option
from splitshelf.core.context import Context
from splitshelf.core.errors import FailureError, SplitshelfError
from splitshelf.core.requests import ShelfRequest
from splitshelf.learn.training.training import Run, train
from splitshelf.serve.placement import Placement
from splitshelf.serve.placements import PLACEMENTS
from splitshelf.simulate import schedule, stage
from splitshelf.simulate.catalogue import catalogue

EXAMPLE = """
Example:

    splitshelf doctor
"""
SHOPPERS = 300
EVENTS = 6000
LISTED = 5
"""Products that are sent to be re-ranked."""


class Check(msgspec.Struct, frozen=True):
    """One thing looked at."""

    name: str
    well: bool
    found: str
    """What was found; where it is not well, what to do."""
    seconds: float


@click.command(epilog=EXAMPLE)
@config_option
@json_option
def doctor(config: str, as_json: bool) -> None:
    """Check this installation: a tiny shop from first event to shelf, then your own settings.

    The first run on a machine also compiles what is fast, which later runs find ready.
    """
    steps: dict[str, Callable[[], str]] = {"machine": machine, "a tiny shop": tiny_shop}
    if Path(config).exists():
        steps["your shop"] = lambda: own_shop(config)
    checks = [look(name, step) for name, step in steps.items()]
    emit({"checks": checks}, as_json, lambda console: render(console, checks))
    if not all(check.well for check in checks):
        raise FailureError("Not all is well: see the table above.")


def look(name: str, step: Callable[[], str]) -> Check:
    """What a step found, or the error that stopped it."""
    began = time.perf_counter()
    try:
        found, well = step(), True
    except SplitshelfError as error:
        found, well = str(error), False
    return Check(name, well, found, round(time.perf_counter() - began, 2))


def machine() -> str:
    """What we run on."""
    return f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"


def tiny_shop() -> str:
    """A generated shop from first event to shelf, in a folder that is gone afterwards."""
    with TemporaryDirectory(prefix="splitshelf-doctor-") as name:
        path = Path(name) / "splitshelf.toml"
        write_settings(path)
        with open_shop(path) as shop:
            fill(shop)
            run = Run(folder=shop.models, settings=shop.settings.model, clock=shop.clock)
            report = train(shop.store, run, lambda _: None)
            shelves = sum(ask(shop, one) for one in PLACEMENTS.values())
    return f"{report.events:,} events learned, {shelves} of {len(PLACEMENTS)} placements filled"


def fill(shop: Shop) -> None:
    """Some products and some shoppers who looked at them."""
    setting = stage.Setting(shoppers=SHOPPERS)
    shop.store.put_products(catalogue(seed=setting.seed))
    scene = stage.generated(shop.store, setting)
    past = schedule.history(scene.world, scene.people, shoppers=SHOPPERS, until=shop.clock())
    shop.store.append(list(islice(past, EVENTS)))


def ask(shop: Shop, placement: Placement) -> bool:
    """Whether a placement fills its shelf for a shopper who looked at something."""
    sold = tuple(product.id for product in shop.store.products()[:LISTED])
    act = next(e for e in shop.store.latest(EVENTS) if e.product is not None)
    request = ShelfRequest(
        id=f"doctor-{placement.name}",
        shopper=act.shopper,
        placement=placement.name,
        products=sold if placement.listed else (),
        context=Context(at=shop.clock()),
        seeds=(str(act.product),),
    )
    return bool(shop.recommender.recommend(request).items)


def own_shop(config: str) -> str:
    """What the settings lead to: the store answers, and there is a model."""
    with open_shop(config) as shop:
        events = shop.store.count()
        return f"{events:,} events in the store, model {shop.artefact.version}"


def render(console: Console, checks: list[Check]) -> None:
    """Write the checks for a person."""
    table = Table("", "checked", "found", "seconds")
    for check in checks:
        mark = "[green]well[/green]" if check.well else "[red]not well[/red]"
        table.add_row(mark, check.name, check.found, f"{check.seconds:.1f}")
    console.print(table)
