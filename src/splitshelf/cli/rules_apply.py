"""`splitshelf rules apply`: the rules of a file become the shop's."""

from pathlib import Path

import click
from rich.console import Console

from splitshelf.app import open_shop
from splitshelf.cli.output import config_option, emit, json_option
from splitshelf.serve.rule_files import Differences, differences, read_rules
from splitshelf.serve.rule_files import apply as apply_rules

EXAMPLE = """
Examples:

    splitshelf rules apply autumn.toml --dry-run

    splitshelf rules apply rules.json --replace
"""


@click.command(epilog=EXAMPLE)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Delete the rules that are not in the file.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@config_option
@json_option
def apply(file: Path, replace: bool, dry_run: bool, config: str, as_json: bool) -> None:
    """Write the rules of FILE (JSON, or TOML with [[rule]]); all of them or, on a mistake, none."""
    wanted = read_rules(file)
    with open_shop(config) as shop:
        plan = differences(shop.store, wanted, replace=replace)
        if not dry_run:
            apply_rules(shop.store, wanted, replace=replace, now=shop.clock())
    emit(plan, as_json, lambda console: render(console, plan, dry_run=dry_run))


def render(console: Console, plan: Differences, *, dry_run: bool) -> None:
    """Write what changed, or would."""
    rows = (
        ("Written", plan.written),
        ("Changed", plan.changed),
        ("Deleted", plan.deleted),
        ("As before", plan.same),
    )
    for what, names in rows:
        if names:
            console.print(f"{what}: {', '.join(names)}.")
    if dry_run:
        console.print("Nothing was changed: this was a dry run.")
