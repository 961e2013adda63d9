"""`splitshelf benchmark cold`: products that training never saw."""

from pathlib import Path

import click

from splitshelf.cli.benchmark_options import names_option
from splitshelf.cli.output import emit, json_option
from splitshelf.cli.tables import benchmark_table


@click.command(
    epilog="Example: splitshelf benchmark cold --data ../shared/datasets/amazon_beauty "
    "--models content,two_tower"
)
@click.option(
    "--data",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with sequences.txt and item_attributes.json.",
)
@names_option
@click.option(
    "--share",
    type=click.FloatRange(0.01, 0.9),
    default=0.1,
    show_default=True,
    help="How much of the catalogue is hidden.",
)
@click.option("--seed", default=42, show_default=True, help="Of everything random.")
@json_option
def cold(data: Path, names: list[str], share: float, seed: int, as_json: bool) -> None:
    """Hide products from training, then ask who turned to them; needs the extra deep."""
    from splitshelf.learn.benchmarks.cold import run_cold  # noqa: PLC0415 (keeps --help quick)

    result = run_cold(data, names, share, seed)
    emit(result, as_json, lambda console: benchmark_table(console, result))
