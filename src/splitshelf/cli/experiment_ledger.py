"""`splitshelf experiment ledger`: how often each cheap way of asking was right in this shop."""

import click
from rich.console import Console
from rich.table import Table

from splitshelf.app import open_shop
from splitshelf.cli.output import config_option, emit, json_option
from splitshelf.prove.ledger import Agreement, Entry, agreement, entries
from splitshelf.prove.opinions import WAYS

EXAMPLE = """
Example:

    splitshelf experiment ledger --json
"""


@click.command(epilog=EXAMPLE)
@config_option
@json_option
def ledger(config: str, as_json: bool) -> None:
    """Show, for each decided experiment, what cheaper ways of asking had said, and who was right.

    They are offline metrics (`evaluate`), off-policy evaluation (`evaluate --off-policy`) and
    interleaving.
    """
    with open_shop(config) as shop:
        kept = entries(shop.store)
    counted = agreement(kept)
    document = {"agreement": counted, "entries": kept}
    emit(document, as_json, lambda console: show(console, kept, counted))


def show(console: Console, kept: tuple[Entry, ...], counted: dict[str, Agreement]) -> None:
    """Print the entries, then how often each way was right."""
    if not kept:
        console.print("No experiment was decided yet.")
        return
    table = Table("experiment", "variant", "found", *WAYS)
    for one in kept:
        table.add_row(
            one.experiment, one.variant, one.found, *(one.said.get(way, "-") for way in WAYS)
        )
    console.print(table)
    for way, one in counted.items():
        console.print(sentence(way, one))


def sentence(way: str, one: Agreement) -> str:
    """How often a way was right, in words."""
    if one.share is None or one.low is None or one.high is None:
        return f"{way}: not held against a decided experiment yet."
    total = one.right + one.wrong
    return f"{way}: right in {one.right} of {total} ({one.low:.0%} to {one.high:.0%})."
