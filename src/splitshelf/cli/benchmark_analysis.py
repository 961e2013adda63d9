"""`splitshelf benchmark analysis`: how fast, against plain DuckDB and tea-tasting."""

from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import Console

from splitshelf.cli.output import emit, json_option
from splitshelf.prove.trials.speed import Measurement, compare, largest_gap, make

EXAMPLE = """
Example:

    splitshelf benchmark analysis --shoppers 1000000 --json
"""


@click.command(epilog=EXAMPLE)
@click.option("--shoppers", default=10_000_000, show_default=True, type=click.IntRange(1000))
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1))
@json_option
def analysis(shoppers: int, rounds: int, as_json: bool) -> None:
    """Analyse many shoppers: five outcomes, two of them ratios and one with CUPED, and a guard."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "shoppers.parquet"
        make(path, shoppers)
        best = compare(path, rounds)
    document = report(shoppers, best)

    def render(console: Console) -> None:
        for way in best:
            console.print(f"{way}: {best[way].seconds:.2f} s, {best[way].peak_mb:.0f} MB")
        console.print(f"ours / DuckDB: {document['ratio_duckdb']:.2f}")

    emit(document, as_json, render)


def report(shoppers: int, best: dict[str, Measurement]) -> dict[str, object]:
    """The document: figures of each way, and how ours compares."""
    ours = best["ours"]
    document: dict[str, object] = {"shoppers": shoppers}
    for way, one in best.items():
        document[way] = {"seconds": one.seconds, "peak_mb": one.peak_mb}
    document["ratio_duckdb"] = ours.seconds / best["duckdb"].seconds
    if "tea_tasting" in best:
        theirs = best["tea_tasting"]
        document["ratio_tea_tasting"] = ours.seconds / theirs.seconds
        document["largest_p_gap"] = largest_gap(ours.results, theirs.results)
    return document
