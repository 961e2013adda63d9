"""Options that the benchmarks of models share."""

import click


def _split(context: click.Context, option: click.Parameter, value: str) -> list[str]:
    """The names between the commas."""
    del context, option
    return [name.strip() for name in value.split(",") if name.strip()]


names_option = click.option(
    "--models",
    "names",
    default="",
    callback=_split,
    help="Names separated by commas; all when left out.",
)
"""Passes `names`, a list, empty where all are meant."""
