"""`splitshelf experiment plan`: what a test would take in this shop, said honestly."""

import click
from rich.console import Console
from rich.table import Table

from splitshelf.app import open_shop
from splitshelf.cli.output import config_option, emit, json_option
from splitshelf.core.errors import UnknownName
from splitshelf.prove.outcomes import OUTCOMES
from splitshelf.prove.planning import Plan, Wish, make_plan
from splitshelf.prove.planning_interleaving import plan_interleaving
from splitshelf.prove.planning_switchback import plan_switchback

EXAMPLE = """
Example:

    splitshelf experiment plan --outcome conversion --effect 0.05
"""


@click.command(epilog=EXAMPLE)
@click.option("--outcome", default="conversion", show_default=True, help="What shall change.")
@click.option("--effect", default=0.05, show_default=True, help="The relative effect to be found.")
@click.option("--power", default=0.8, show_default=True, help="How surely it shall be found.")
@click.option("--alpha", default=0.05, show_default=True, help="The accepted false-positive rate.")
@click.option("--looks", default=5, show_default=True, help="How many times the plan looks.")
@click.option("--share", default=1.0, show_default=True, help="The share of shoppers in it.")
@click.option(
    "--interleave",
    type=click.FloatRange(0.5, 1.0, min_open=True, max_open=True),
    help="Plan interleaved shelves that show such a share of preferences, as 0.55.",
)
@click.option(
    "--switchback", is_flag=True, help="Plan days with one variant each, for little stock."
)
@click.option("--days", default=28, show_default=True, type=click.IntRange(4), help="Of the log.")
@config_option
@json_option
def plan(  # noqa: PLR0913, PLR0917 (click passes one argument an option)
    outcome: str,
    effect: float,
    power: float,
    alpha: float,
    looks: int,
    share: float,
    interleave: float | None,
    switchback: bool,
    days: int,
    config: str,
    as_json: bool,
) -> None:
    """Say how many shoppers and days an effect takes, from the shop's own traffic."""
    if outcome not in OUTCOMES:
        raise UnknownName("outcome", outcome, OUTCOMES)
    if interleave is not None:
        _interleaved(config, interleave, alpha=alpha, power=power, days=days, as_json=as_json)
        return
    wish = Wish(outcome, effect, alpha, power, looks, share)
    if switchback:
        _by_day(config, wish, days, as_json=as_json)
        return
    with open_shop(config) as shop:
        made = make_plan(wish, shop.store, shop.clock(), days)
    emit(made, as_json, lambda console: show(console, made))


def _interleaved(
    config: str, preferred: float, *, alpha: float, power: float, days: int, as_json: bool
) -> None:
    with open_shop(config) as shop:
        made = plan_interleaving(
            preferred, shop.store, shop.clock(), alpha=alpha, power=power, days=days
        )
    emit(made, as_json, lambda console: console.print(made.advice, style="bold"))


def _by_day(config: str, wish: Wish, days: int, *, as_json: bool) -> None:
    with open_shop(config) as shop:
        zone = shop.settings.shop.time_zone
        made = plan_switchback(wish, shop.store, shop.clock(), zone, days)
    emit(made, as_json, lambda console: console.print(made.advice, style="bold"))


def show(console: Console, made: Plan) -> None:
    """Print the plan."""
    console.print(made.advice, style="bold")
    console.print(
        f"{made.outcome} is {made.base:.5g} today; {made.shoppers_per_day:.1f} new shoppers a day; "
        f"the looks cost {made.price - 1:.1%} more shoppers."
    )
    table = Table("", "shoppers", "days", *(f"{week} weeks show" for week in _weeks(made)))
    for name, duration in (("plain", made.plain), ("with CUPED", made.adjusted)):
        if duration is not None:
            effects = (f"{effect:.1%}" for effect in duration.smallest_effect.values())
            table.add_row(name, f"{duration.shoppers:,}", f"{duration.days:,}", *effects)
    console.print(table)


def _weeks(made: Plan) -> list[str]:
    return list(made.plain.smallest_effect)
