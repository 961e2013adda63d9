"""`splitshelf benchmark train`: what training costs on synthetic load."""

import click

from splitshelf.cli.benchmark_options import names_option
from splitshelf.cli.output import emit, json_option
from splitshelf.cli.tables import benchmark_table

_COUNT = click.IntRange(min=100)


@click.command(
    epilog="Example: splitshelf benchmark train --interactions 1000000 --shoppers 50000 "
    "--products 10000"
)
@click.option("--interactions", default=20_000_000, show_default=True, type=_COUNT)
@click.option("--shoppers", default=1_000_000, show_default=True, type=_COUNT)
@click.option("--products", default=200_000, show_default=True, type=_COUNT)
@names_option
@click.option("--seed", default=42, show_default=True, help="Of the generated world.")
@json_option
def train(
    *, interactions: int, shoppers: int, products: int, names: list[str], seed: int, as_json: bool
) -> None:
    """Fit each model, and implicit's ALS and item kNN, on the same generated interactions."""
    from splitshelf.learn.benchmarks.load import run_train  # noqa: PLC0415 (keeps --help quick)

    result = run_train(interactions, shoppers, products, names, seed)
    emit(result, as_json, lambda console: benchmark_table(console, result))
