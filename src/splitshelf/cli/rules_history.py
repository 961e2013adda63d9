"""`splitshelf rules history`: who changed which rule, and when."""

import click
from rich.console import Console
from rich.table import Table

from splitshelf.app import open_shop
from splitshelf.cli.output import config_option, emit, json_option
from splitshelf.serve.rule_history import Change, changes

EXAMPLE = """
Example:

    splitshelf rules history --json
"""


@click.command(epilog=EXAMPLE)
@config_option
@json_option
def history(config: str, as_json: bool) -> None:
    """Show the newest 200 changes of rules, newest first; `undo` takes one back by its key."""
    with open_shop(config) as shop:
        found = changes(shop.store)
    emit(found, as_json, lambda console: render(console, found))


def render(console: Console, found: list[Change]) -> None:
    """Write one row a change."""
    if not found:
        console.print("No rule was changed yet.")
        return
    table = Table("key", "rule", "what", "by")
    for one in found:
        table.add_row(one.key, one.name, one.what, one.by)
    console.print(table)
