"""A group of commands that imports each one only when it is asked for."""

import importlib
from collections.abc import Mapping
from typing import Any

import click

from splitshelf.core.errors import UnknownName


class LazyGroup(click.Group):
    """A group over a table of names; `--help` of the group shows first lines, so it imports all."""

    def __init__(self, *args: Any, table: Mapping[str, str], **kwargs: Any) -> None:
        """`table` says where each command lives, as module:function."""
        super().__init__(*args, **kwargs)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order of the table: the order in which a newcomer meets them."""
        del ctx
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """The command, imported now."""
        del ctx
        if cmd_name not in self.table:
            raise UnknownName("command", cmd_name, self.table)
        module, name = self.table[cmd_name].split(":")
        return getattr(importlib.import_module(module), name)
