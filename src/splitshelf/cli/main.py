"""The `splitshelf` command: finds the asked command and turns errors into exit codes."""

import importlib
import sys
from collections.abc import Mapping
from typing import Any

import click

from splitshelf.cli.output import complain
from splitshelf.core.errors import SplitshelfError, UnknownName

COMMANDS: dict[str, str] = {}
"""Where each command lives, as module:function; imported when it is called, so --help is quick."""


class LazyGroup(click.Group):
    """A group that imports a command only when it is asked for."""

    def __init__(
        self,
        name: str | None = None,
        *,
        table: Mapping[str, str],
        **settings: Any,  # noqa: ANN401 (whatever click's own group takes)
    ) -> None:
        """`table` says where each command lives, as module:function; its order is that of help."""
        super().__init__(name, **settings)
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


@click.group(
    cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(package_name="splitshelf")
def cli() -> None:
    """Recommendations for online shops that prove they pay."""


def main() -> None:
    """Run the command line; never shows a traceback for an error that we raise on purpose."""
    try:
        cli.main(standalone_mode=False)
    except SplitshelfError as error:
        sys.exit(complain(str(error), error.exit_code))
    except click.ClickException as error:
        sys.exit(complain(error.format_message(), 2))
    except (click.Abort, KeyboardInterrupt):
        sys.exit(complain("Stopped.", 1))
    except BrokenPipeError:
        sys.exit(1)
