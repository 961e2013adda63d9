"""`splitshelf rules`: what a merchandiser says, from files and by hand."""

import click

from splitshelf.cli.groups import LazyGroup

COMMANDS: dict[str, str] = {
    "list": "splitshelf.cli.rules_list:list_",
    "apply": "splitshelf.cli.rules_apply:apply",
    "export": "splitshelf.cli.rules_export:export",
    "history": "splitshelf.cli.rules_history:history",
    "undo": "splitshelf.cli.rules_undo:undo",
}
"""Where each sub-command lives, in the order of `--help`."""


@click.group(cls=LazyGroup, table=COMMANDS)
def rules() -> None:
    """See, apply and take back the rules of a merchandiser."""
