"""`splitshelf shopper`: what is kept about one shopper, and its end."""

import click

from splitshelf.cli.groups import LazyGroup

COMMANDS: dict[str, str] = {
    "forget": "splitshelf.cli.shopper_forget:forget",
}
"""Where each sub-command lives, in the order of `--help`."""


@click.group(cls=LazyGroup, table=COMMANDS)
def shopper() -> None:
    """Forget a shopper, in the log and in the model."""
