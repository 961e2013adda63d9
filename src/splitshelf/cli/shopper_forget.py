"""`splitshelf shopper forget`: erase a shopper from the log, and from what was counted of it."""

import click
import msgspec
from rich.console import Console

from splitshelf.app import Shop, open_shop
from splitshelf.cli.output import config_option, emit, json_option
from splitshelf.core.errors import InputError
from splitshelf.learn.artefacts.reading import current_version
from splitshelf.learn.training.refreshing import Refreshment, refresh
from splitshelf.learn.training.training import Run

EXAMPLE = """
Example:

    splitshelf shopper forget customer-1042
"""


class Forgotten(msgspec.Struct, frozen=True, kw_only=True):
    """What an erasure did; the shopper's name is not in it."""

    removed: int
    """Events and exposures."""
    model: Refreshment | None
    """What was counted anew without the shopper; None where nothing was trained yet."""


@click.command(epilog=EXAMPLE)
@click.argument("name", metavar="SHOPPER")
@config_option
@json_option
def forget(name: str, config: str, as_json: bool) -> None:
    """Remove all that is kept about SHOPPER, and count the model anew without it.

    Models that are no counts know the shopper until the next training; the answer names them.
    """
    with open_shop(config) as shop:
        removed = shop.store.forget(name)
        if not removed:
            raise InputError("Nothing is kept about this shopper; ids are as they were sent.")
        model = _without(shop) if current_version(shop.models) else None
    report = Forgotten(removed=removed, model=model)
    emit(report, as_json, lambda console: render(console, report))


def _without(shop: Shop) -> Refreshment:
    """The counts of what is left, current from now on."""
    run = Run(
        folder=shop.models,
        settings=shop.settings.model,
        clock=shop.clock,
        bot_rate=shop.settings.cleaning.bot_rate,
        zone=shop.settings.shop.time_zone,
    )
    return refresh(shop.store, run, lambda _: None)


def render(console: Console, report: Forgotten) -> None:
    """Write the report for a person."""
    console.print(f"{report.removed:,} events and exposures removed.")
    if report.model is None:
        return
    console.print(f"Counted anew without them: {', '.join(report.model.counted)}.")
    if report.model.waiting:
        names = ", ".join(report.model.waiting)
        console.print(f"Until the next `splitshelf train`, traces remain in: {names}.")
