"""Writes docs/reference from the code: every setting and every command. A test compares."""

import importlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import msgspec

from splitshelf.cli.groups import LazyGroup
from splitshelf.cli.main import COMMANDS
from splitshelf.core.settings import Settings, describe

FOLDER = Path(__file__).parents[1] / "docs/reference"


def settings_page() -> str:
    """Every setting of `splitshelf.toml`, by section."""
    lines = ["# Settings", "", "`splitshelf init` writes a file with all of them."]
    for section in msgspec.structs.fields(Settings):
        lines += ["", f"## {section.name}", "", (section.type.__doc__ or "").strip(), ""]
        lines += ["| setting | default | what it does |", "|---|---|---|"]
        lines += [
            f"| `{name}` | `{msgspec.json.encode(default).decode()}` | {description} |"
            for name, default, description in describe(section.type)
        ]
    return "\n".join(lines) + "\n"


def walk(table: Mapping[str, str], path: str) -> Iterator[tuple[str, click.Command]]:
    """Every command of a table and of the groups in it, with its full name."""
    for name in table:
        command = load(table, name)
        if isinstance(command, LazyGroup):
            yield from walk(command.table, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def load(table: Mapping[str, str], name: str) -> click.Command:
    """The command that a table names."""
    module, attribute = table[name].split(":")
    return getattr(importlib.import_module(module), attribute)


def commands_page() -> str:
    """Every command with its help text."""
    lines = ["# Commands"]
    for name, command in walk(COMMANDS, "splitshelf"):
        context = click.Context(
            command,
            info_name=name,
            terminal_width=90,
            max_content_width=90,
            help_option_names=["-h", "--help"],  # as the group sets; a command remembers the first
        )
        lines += ["", f"## {name}", "", "```text", command.get_help(context), "```"]
    return "\n".join(lines) + "\n"


PAGES = {"settings.md": settings_page, "commands.md": commands_page}


def main() -> None:
    """Write every page, into the documentation or the folder given."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
