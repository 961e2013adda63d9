"""`splitshelf rules export`: the shop's rules as a file that `apply` reads."""

from pathlib import Path

import click
import msgspec

from splitshelf.app import open_shop
from splitshelf.cli.output import config_option
from splitshelf.core.errors import FailureError
from splitshelf.serve import merchandising

EXAMPLE = """
Example:

    splitshelf rules export --out rules.json
"""


@click.command(epilog=EXAMPLE)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Else it is printed.")
@config_option
def export(out: Path | None, config: str) -> None:
    """Write every rule as JSON, by name: to keep them with the shop's own code."""
    with open_shop(config) as shop:
        rules = [one.rule for one in merchandising.standings(shop.store, shop.clock())]
    text = msgspec.json.format(msgspec.json.encode(rules), indent=2).decode() + "\n"
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise FailureError(f"{out}: cannot be written: {error.strerror}.") from error
