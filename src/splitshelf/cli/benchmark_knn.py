"""`splitshelf benchmark knn`: what one question to the session neighbours takes."""

from typing import TYPE_CHECKING

import click
from rich.console import Console

from splitshelf.cli.output import emit, json_option

if TYPE_CHECKING:
    from splitshelf.learn.benchmarks.knn import Knn

_COUNT = click.IntRange(min=1)


@click.command(
    epilog="Example: splitshelf benchmark knn --clicks 2000000 --products 60000 --queries 2000"
)
@click.option("--clicks", default=60_000_000, show_default=True, type=click.IntRange(1_000))
@click.option("--products", default=1_760_000, show_default=True, type=click.IntRange(100))
@click.option("--newest", default=500, show_default=True, type=_COUNT, help="Sessions a product.")
@click.option("--nearest", default=100, show_default=True, type=_COUNT, help="Who vote.")
@click.option("--queries", default=5_000, show_default=True, type=_COUNT)
@click.option("--seed", default=42, show_default=True, help="Of the generated clicks.")
@json_option
def knn(
    *,
    clicks: int,
    products: int,
    newest: int,
    nearest: int,
    queries: int,
    seed: int,
    as_json: bool,
) -> None:
    """Time the session neighbours on generated clicks of a power law, on one thread.

    The defaults are the size and the sampling of VMIS-kNN in Kersbergen et al. 2022. At full size
    it takes about 3 GB of memory.
    """
    import numpy as np  # noqa: PLC0415 (keeps --help quick)

    from splitshelf.learn.benchmarks.knn import run_knn  # noqa: PLC0415 (keeps --help quick)
    from splitshelf.learn.models.sessions import Config  # noqa: PLC0415 (keeps --help quick)

    config = Config(newest=newest, nearest=nearest)
    result = run_knn(clicks, products, config, queries, np.random.default_rng(seed))
    emit(result, as_json, lambda console: render(console, result))


def render(console: Console, result: "Knn") -> None:
    """Write the figures for a person."""
    console.print(
        f"{result.clicks:,} clicks, {result.products:,} products, {result.sessions:,} sessions of "
        f"two clicks or more; the newest {result.newest:,} a product, {result.nearest:,} vote."
    )
    console.print(
        f"One question: p50 {result.p50_ms:.3f}, p90 {result.p90_ms:.3f}, p99 {result.p99_ms:.3f} "
        f"ms; of processor time p90 {result.cpu_p90_ms:.3f} ms ({result.queries:,} questions)."
    )
    console.print(
        f"The index has {result.index_mb:,.0f} MB and was built in {result.build_seconds:.1f} s."
    )
