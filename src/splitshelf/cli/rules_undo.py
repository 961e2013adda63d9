"""`splitshelf rules undo`: take a change of a rule back."""

import click

from splitshelf.app import open_shop
from splitshelf.cli.output import config_option, emit, json_option
from splitshelf.serve.rule_history import undo as take_back

EXAMPLE = """
Example:

    splitshelf rules undo "20261122T101500000000 autumn"
"""


@click.command(epilog=EXAMPLE)
@click.argument("key")
@config_option
@json_option
def undo(key: str, config: str, as_json: bool) -> None:
    """Put back what the change KEY replaced; `rules history` lists the keys."""
    with open_shop(config) as shop:
        done = take_back(shop.store, key, by="command", now=shop.clock())
    emit(done, as_json, lambda console: console.print(f"Rule {done.name}: {done.what}."))
