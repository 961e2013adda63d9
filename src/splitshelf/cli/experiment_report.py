"""`splitshelf experiment report`: the verdict with all its grounds, to read, print and keep."""

from pathlib import Path

import click

from splitshelf.app import open_shop
from splitshelf.cli.output import config_option, emit, json_option
from splitshelf.cli.printing import write_report
from splitshelf.prove.experiments import changes, find
from splitshelf.prove.ledger import entries
from splitshelf.prove.report import report as render_report
from splitshelf.prove.verdicts import judge

EXAMPLE = """
Example:

    splitshelf experiment report home-shelf --output home-shelf.html
"""


@click.command(epilog=EXAMPLE)
@click.argument("name")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The HTML file, NAME.html where not given; the JSON goes beside it.",
)
@click.option("--pdf", is_flag=True, help="Also as PDF, by the Chromium that is installed.")
@config_option
@json_option
def report(name: str, output: Path | None, pdf: bool, config: str, as_json: bool) -> None:
    """Write the report of the experiment NAME: one HTML file that prints well, and its JSON."""
    path = output or Path(f"{name}.html")
    with open_shop(config) as shop:
        plan = find(name, shop.store)
        verdict = judge(plan, shop.store, shop.clock())
        page = render_report(verdict, plan, changes(name, shop.store), entries(shop.store))
    written = write_report(path, page, verdict, pdf=pdf)
    emit(written, as_json, lambda console: console.print(f"Wrote {path} and its JSON."))
