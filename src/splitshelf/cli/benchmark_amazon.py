"""`splitshelf benchmark amazon`: leave-one-out on sequence files."""

from pathlib import Path

import click

from splitshelf.cli.benchmark_options import names_option
from splitshelf.cli.output import emit, json_option
from splitshelf.cli.tables import benchmark_table


@click.command(
    epilog="Example: splitshelf benchmark amazon --data ../shared/datasets/amazon_beauty --json"
)
@click.option(
    "--data",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with sequences.txt and perhaps item_attributes.json.",
)
@names_option
@click.option(
    "--profile",
    type=click.Choice(["fast", "full"]),
    default="fast",
    show_default=True,
    help="full adds the models that take minutes.",
)
@click.option("--seed", default=42, show_default=True, help="Of everything random.")
@json_option
def amazon(data: Path, names: list[str], profile: str, seed: int, as_json: bool) -> None:
    """Ask for the last item of each user; learn without the last two."""
    from splitshelf.learn.benchmarks.amazon import run_amazon  # noqa: PLC0415 (keeps --help quick)

    result = run_amazon(data, names, profile, seed)
    emit(result, as_json, lambda console: benchmark_table(console, result))
