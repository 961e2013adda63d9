"""`splitshelf quality`: how good the shop's data are, and what will work with them."""

from pathlib import Path

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from splitshelf.app import open_shop
from splitshelf.cli.output import config_option, emit, json_option
from splitshelf.collect.quality.measuring import measure
from splitshelf.collect.quality.page import page
from splitshelf.collect.quality.report import QualityReport
from splitshelf.core.errors import InputError

EXAMPLE = """
Example:

    splitshelf quality --html quality.html
"""


@click.command(epilog=EXAMPLE)
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the report as one HTML page that needs no network.",
)
@config_option
@json_option
def quality(html: Path | None, config: str, as_json: bool) -> None:
    """Measure the log and the catalogue: volumes, gaps, funnel, coverage, and what will work."""
    with open_shop(config) as shop:
        settings = shop.settings
        rng = np.random.default_rng(settings.model.seed)
        report = measure(
            shop.store, settings.shop.name, shop.clock(), rng, settings.cleaning.bot_rate
        )
    if html is not None:
        _write(html, page(report))
    emit(report, as_json, lambda console: render(report, console))


def render(report: QualityReport, console: Console) -> None:
    """Write the verdicts and the funnel for a person."""
    console.print(
        f"{report.events:,} events of {report.shoppers:,} shoppers,"
        f" {report.catalogue:,} products in the catalogue, {len(report.gaps)} gaps in time",
        highlight=False,
    )
    table = Table("for", "works", "why", title="What will work", title_justify="left")
    for verdict in report.verdicts:
        table.add_row(verdict.what, verdict.works, verdict.why)
    console.print(table)
    for weight in report.weights:
        console.print(
            f"One {weight.type.replace('_', ' ')} is worth {weight.weight:.2f} views"
            f" ({weight.low:.2f} to {weight.high:.2f}).",
            highlight=False,
        )


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}.") from error
