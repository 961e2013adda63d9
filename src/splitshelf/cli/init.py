"""`splitshelf init`: writes a commented settings file."""

from pathlib import Path

import click
from rich.console import Console

from splitshelf.cli.output import emit, json_option
from splitshelf.core.errors import Conflict, InputError
from splitshelf.core.settings import commented_settings

EXAMPLE = """
Example:

    splitshelf init --folder my-shop
"""


@click.command(epilog=EXAMPLE)
@click.option(
    "--folder",
    default=".",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where splitshelf.toml goes; made if it is not there.",
)
@json_option
def init(folder: Path, as_json: bool) -> None:
    """Write splitshelf.toml with every setting, its default and what it does."""
    path = folder / "splitshelf.toml"
    write_settings(path)

    def render(console: Console) -> None:
        console.print(f"Wrote {path}. Next: splitshelf import FILE --config {path}")

    emit({"written": str(path)}, as_json, render)


def write_settings(path: Path) -> None:
    """Write the commented defaults; raises Conflict rather than overwrite a shop's own file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(commented_settings())
    except FileExistsError as error:
        raise Conflict(f"{path} exists already. Remove it, or give another --folder.") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}.") from error
