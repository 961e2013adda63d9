"""How results of benchmarks look on a terminal."""

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from splitshelf.learn.benchmarks.report import Benchmark

_COSTS = ("fit_seconds", "recommend_seconds", "peak_mb")


def benchmark_table(console: Console, result: "Benchmark") -> None:
    """Write one row a model: metrics, then what it cost."""
    console.print(f"[bold]{result.protocol}[/bold]")
    console.print(f"{result.users:,} users, {result.items:,} items")
    rows = result.models
    metrics = [key for key in next(iter(rows.values())) if key not in {*_COSTS, "intervals"}]
    table = Table("model", *metrics, "fit s", "ask s", "peak MB")
    for name, row in rows.items():
        values = [f"{row[metric]:.4f}" for metric in metrics]
        table.add_row(name, *values, *(f"{row[cost]:.1f}" for cost in _COSTS))
    console.print(table)
    for sentence in result.differences:
        console.print(sentence)
