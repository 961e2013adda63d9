"""`splitshelf expire`: remove what is older than the shop keeps."""

import click

from splitshelf.app import open_shop
from splitshelf.cli.output import config_option, emit, json_option
from splitshelf.collect.retention import expire_old
from splitshelf.core.errors import InputError

EXAMPLE = """
Example:

    splitshelf expire --days 400
"""


@click.command(epilog=EXAMPLE)
@click.option(
    "--days",
    type=click.IntRange(1),
    help="The age that is kept; store.retention_days if not given.",
)
@config_option
@json_option
def expire(days: int | None, config: str, as_json: bool) -> None:
    """Remove events and exposures that are too old; `serve` does the same once a day."""
    with open_shop(config) as shop:
        kept = days or shop.settings.store.retention_days
        if not kept:
            raise InputError(
                "store.retention_days is 0, so that nothing is ever too old. "
                "Set it, or say the age with --days."
            )
        removal = expire_old(shop.store, shop.clock(), kept)
    report = {
        "removed": removal.removed,
        "before": None if removal.before is None else removal.before.isoformat(),
        "total": removal.total,
    }
    emit(
        report,
        as_json,
        lambda console: console.print(
            f"{removal.removed:,} events and exposures older than {kept} days removed.",
            highlight=False,
        ),
    )
