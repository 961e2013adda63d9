"""`splitshelf rules list`: every rule, whether it has a say, and what is odd about it."""

import click
import msgspec
from rich.console import Console
from rich.table import Table

from splitshelf.app import open_shop
from splitshelf.cli.output import config_option, emit, json_option
from splitshelf.serve import merchandising
from splitshelf.serve.rule import Rule
from splitshelf.serve.rule_remarks import remarks

EXAMPLE = """
Example:

    splitshelf rules list --json
"""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One rule of the list."""

    rule: Rule
    state: str
    remarks: list[str]


@click.command("list", epilog=EXAMPLE)
@config_option
@json_option
def list_(config: str, as_json: bool) -> None:
    """Show every rule, whether it has a say now, and what is odd about it."""
    with open_shop(config) as shop:
        found = merchandising.standings(shop.store, shop.clock())
        broken = merchandising.illegible(shop.store)
        every = [one.rule for one in found]
        assortment = shop.recommender.assortment if found and shop.models.exists() else None
        lines = [
            Line(
                rule=one.rule,
                state=one.state,
                remarks=remarks(one.rule, every, assortment) if assortment else [],
            )
            for one in found
        ]
    document = {"rules": lines, "illegible": broken}
    emit(document, as_json, lambda console: render(console, lines, broken))


def render(console: Console, lines: list[Line], broken: dict[str, str]) -> None:
    """Write one row a rule, then what is wrong."""
    if not lines and not broken:
        console.print("No rule yet. `splitshelf rules apply FILE` or the dashboard writes one.")
        return
    table = Table("rule", "kind", "state", "where", "from", "until")
    for line in lines:
        rule = line.rule
        dates = [f"{one:%Y-%m-%d %H:%M}" if one else "" for one in (rule.starts, rule.ends)]
        where = ", ".join(rule.placements) or "every shelf"
        table.add_row(rule.name, rule.kind, line.state, where, *dates)
    console.print(table)
    for line in lines:
        for remark in line.remarks:
            console.print(f"{line.rule.name}: {remark}")
    for name, why in broken.items():
        console.print(f"{name} has no say: {why}")
