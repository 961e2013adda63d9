"""`splitshelf import`: reads, checks, cleans and stores files of events and products."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.progress import Progress, TaskID

from splitshelf.app import open_shop
from splitshelf.cli.output import config_option, emit, json_option, progress
from splitshelf.collect.importers import IMPORTERS
from splitshelf.collect.importing import ImportOptions, Tell, run_import
from splitshelf.collect.report import render
from splitshelf.core.errors import InputError

EXAMPLE = """
Examples:

    splitshelf import events.csv products.csv --dry-run

    splitshelf import sales.parquet --map product=article --map shopper=client --map type=purchase
"""


@click.command("import", epilog=EXAMPLE)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--format", "form", help=f"Instead of finding it out: {', '.join(IMPORTERS)}.")
@click.option(
    "--map",
    "pairs",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="Which column carries a field, as product=StockCode; type=purchase says it of all rows.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be stored, and store nothing.")
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    help="List rows that break a rule here, and import the rest.",
)
@config_option
@json_option
def import_(
    paths: tuple[Path, ...],
    *,
    form: str | None,
    pairs: tuple[str, ...],
    dry_run: bool,
    rejects: Path | None,
    config: str,
    as_json: bool,
) -> None:
    """Import files, or folders of files, of events and products.

    The format is found out from the file. All or nothing, and the same file twice adds nothing.
    """
    pairs_of = mapping(pairs)
    with open_shop(config) as shop, _bars() as tell:
        options = ImportOptions(
            form,
            pairs_of,
            dry_run=dry_run,
            rejects=rejects,
            cleaning=shop.settings.cleaning,
            currency=shop.settings.shop.currency,
        )
        report = run_import(paths, shop.store, options, clock=shop.clock, tell=tell)
    emit(report, as_json, lambda console: render(report, console))


def mapping(pairs: tuple[str, ...]) -> dict[str, str]:
    """Field -> column from FIELD=COLUMN texts; raises InputError for any other text.

    >>> mapping(("product=StockCode",))
    {'product': 'StockCode'}
    """
    found: dict[str, str] = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not (field and equals and column):
            raise InputError(f"--map {pair}: must be FIELD=COLUMN, as in product=StockCode.")
        found[field.strip()] = column.strip()
    return found


@contextmanager
def _bars() -> Iterator[Tell]:
    """A bar for each stage of the import."""
    with progress() as bars:
        tasks: dict[str, TaskID] = {}

        def tell(what: str, done: int, total: int | None) -> None:
            if what not in tasks:
                _finish(bars, tasks)
                tasks[what] = bars.add_task(what, total=total)
            bars.advance(tasks[what], done)

        yield tell


def _finish(bars: Progress, tasks: dict[str, TaskID]) -> None:
    for task in tasks.values():
        bars.update(task, visible=False)
