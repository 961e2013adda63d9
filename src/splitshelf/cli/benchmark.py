"""`splitshelf benchmark`: measurements that anybody can repeat."""

import click

from splitshelf.cli.groups import LazyGroup

COMMANDS: dict[str, str] = {
    "amazon": "splitshelf.cli.benchmark_amazon:amazon",
    "sessions": "splitshelf.cli.benchmark_sessions:sessions",
    "cold": "splitshelf.cli.benchmark_cold:cold",
    "export": "splitshelf.cli.benchmark_export:export",
    "baskets": "splitshelf.cli.benchmark_baskets:baskets",
    "train": "splitshelf.cli.benchmark_train:train",
    "knn": "splitshelf.cli.benchmark_knn:knn",
    "ingest": "splitshelf.cli.benchmark_ingest:ingest",
    "serve": "splitshelf.cli.benchmark_serve:serve",
    "processes": "splitshelf.cli.benchmark_processes:processes",
    "start": "splitshelf.cli.benchmark_start:start",
    "analysis": "splitshelf.cli.benchmark_analysis:analysis",
    "guards": "splitshelf.cli.benchmark_guards:guards",
    "aa": "splitshelf.cli.benchmark_aa:aa",
    "coverage": "splitshelf.cli.benchmark_coverage:coverage",
    "off-policy": "splitshelf.cli.benchmark_off_policy:off_policy",
}
"""Where each benchmark lives, as module:function, in the order of `--help`."""


@click.group(cls=LazyGroup, table=COMMANDS)
def benchmark() -> None:
    """Measure models and servers on public data and synthetic load."""
