"""`splitshelf experiment ramp`: let more shoppers into a running experiment."""

import click

from splitshelf.app import open_shop
from splitshelf.cli.output import config_option, emit, json_option
from splitshelf.prove.experiments import ramp as widen

EXAMPLE = """
Example:

    splitshelf experiment ramp home-shelf --coverage 0.5
"""


@click.command(epilog=EXAMPLE)
@click.argument("name")
@click.option("--coverage", type=float, required=True, help="The new share; above today's.")
@config_option
@json_option
def ramp(name: str, coverage: float, config: str, as_json: bool) -> None:
    """Widen the running experiment NAME; whoever is in it keeps the variant."""
    with open_shop(config) as shop:
        wider = widen(name, coverage, shop.store, shop.clock())
    emit(wider, as_json, lambda console: console.print(f"{name} now covers {coverage:.0%}."))
