"""How commands speak: one JSON document with --json, a table or sentences without."""

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

Function = TypeVar("Function", bound=Callable[..., Any])

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document and nothing else."
)
config_option = click.option(
    "--config",
    default="splitshelf.toml",
    show_default=True,
    type=click.Path(dir_okay=False),
    help="The settings file.",
)


def emit(document: object, as_json: bool, render: Callable[[Console], None]) -> None:
    """Print the document as JSON, or let `render` write it for a person."""
    if as_json:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(document), indent=2))
        sys.stdout.buffer.write(b"\n")
        sys.stdout.flush()
    else:
        # Into a pipe there is no window: wide enough for every table, and no colours.
        render(Console(width=None if sys.stdout.isatty() else 140, highlight=False))


def complain(message: str, exit_code: int) -> int:
    """The exit code, once the message stands on standard error."""
    click.echo(f"Error: {message}", err=True)
    return exit_code


def progress() -> Progress:
    """A progress bar on standard error; silent where that is no terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
        transient=True,
    )
