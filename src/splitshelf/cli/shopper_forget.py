"""`splitshelf shopper forget`: erase a shopper from the log, and from what was counted of it."""

import click
from rich.console import Console

from splitshelf.app import open_shop
from splitshelf.cli.output import config_option, emit, json_option
from splitshelf.core.errors import InputError
from splitshelf.operate import forgetting
from splitshelf.operate.forgetting import Forgetting
from splitshelf.operate.refreshing import Refresher

EXAMPLE = """
Example:

    splitshelf shopper forget customer-1042
"""


@click.command(epilog=EXAMPLE)
@click.argument("name", metavar="SHOPPER")
@config_option
@json_option
def forget(name: str, config: str, as_json: bool) -> None:
    """Remove all that is kept about SHOPPER, and count the model anew without it.

    All ids of a person go together. Models that are no counts know the shopper until the next
    training; the answer names them.
    """
    with open_shop(config) as shop:
        store, models, settings = shop.store, shop.models, shop.settings
        removed = forgetting.forget(store, shop.identities, name, shop.clock)
        if not removed:
            raise InputError("Nothing is kept about this shopper; ids are as they were sent.")
        Refresher(store, models, shop.clock, settings).refresh()
        report = forgetting.state_of(store, models, settings.worker, name, removed)
    emit(report, as_json, lambda console: render(console, report))


def render(console: Console, report: Forgetting) -> None:
    """Write the report for a person."""
    console.print(f"{report.removed:,} events and exposures removed.")
    if report.clean:
        console.print(f"Nothing of them is left in: {', '.join(report.clean)}.")
    if report.holding:
        when = "the next `splitshelf train`"
        if report.training is not None:
            when = f"the training of {report.training:%Y-%m-%d %H:%M} UTC"
        console.print(f"Until {when}, traces remain in: {', '.join(report.holding)}.")
