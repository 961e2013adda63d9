"""`splitshelf experiment stop`: let no more shoppers in."""

import click

from splitshelf.app import open_shop
from splitshelf.cli.output import config_option, emit, json_option
from splitshelf.prove.experiments import stop as end

EXAMPLE = """
Example:

    splitshelf experiment stop home-shelf
"""


@click.command(epilog=EXAMPLE)
@click.argument("name")
@config_option
@json_option
def stop(name: str, config: str, as_json: bool) -> None:
    """Stop the experiment NAME; what it measured stays."""
    with open_shop(config) as shop:
        stopped = end(name, shop.store, shop.clock())
    emit(stopped, as_json, lambda console: console.print(f"Stopped: {name}."))
