"""`splitshelf experiment start`: freeze a plan and let shoppers in."""

import click
import msgspec

from splitshelf.app import open_shop
from splitshelf.cli.output import config_option, emit, json_option
from splitshelf.core.context import TRAITS
from splitshelf.core.errors import InputError
from splitshelf.core.experiments import DEFAULT_OUTCOMES, Experiment, Kind
from splitshelf.core.interleaving import INTERLEAVINGS
from splitshelf.prove.dealing import LEARNERS
from splitshelf.prove.experiments import start as begin
from splitshelf.prove.outcomes import OUTCOMES
from splitshelf.prove.plans import parse_guardrails, parse_namespace, parse_variants
from splitshelf.serve.policies import default_policies

EXAMPLE = """
Examples:

    splitshelf experiment start home-shelf --variant control=popular
    --variant personal=personal --primary conversion --shoppers 20000

    splitshelf experiment start liked --variant control=popular
    --variant personal=personal --interleave team_draft

    splitshelf experiment start devices --variant near=popular
    --variant personal=personal --bandit --by device --by daytime

    splitshelf experiment start last-pieces --variant control=popular
    --variant personal=personal --primary revenue_per_shopper --switchback --days 28
"""
KNOWN = ", ".join(OUTCOMES)


@click.command(epilog=EXAMPLE)
@click.argument("name")
@click.option(
    "--variant",
    "variants",
    multiple=True,
    required=True,
    help="NAME=POLICY or NAME=POLICY@WEIGHT, the control first; an even split without weights.",
)
@click.option("--primary", default="conversion", show_default=True, help="What decides.")
@click.option("--outcome", "outcomes", multiple=True, help=f"Also measured; any of {KNOWN}.")
@click.option(
    "--guardrail", "guardrails", multiple=True, help="OUTCOME=MARGIN that must not suffer."
)
@click.option("--placement", "placements", multiple=True, help="Where it applies; else everywhere.")
@click.option(
    "--interleave",
    type=click.Choice(list(INTERLEAVINGS)),
    help="Show both variants on each shelf and count whose products are clicked.",
)
@click.option(
    "--sticky",
    is_flag=True,
    help="Keep each shopper's variant, so that `ramp --weight` may change the weights.",
)
@click.option("--bandit", is_flag=True, help="Deal each day by what the days before earned.")
@click.option(
    "--by",
    "contexts",
    multiple=True,
    help=f"Of a bandit: deal by a trait of the request; any of {', '.join(TRAITS)}, or a name of "
    "the page's own.",
)
@click.option(
    "--learner",
    type=click.Choice(list(LEARNERS)),
    default="linear",
    show_default=True,
    help="Of a bandit with --by: who learns; vowpal_wabbit needs the extra `bandit`.",
)
@click.option(
    "--switchback",
    is_flag=True,
    help="Show everybody one variant a day, where shoppers compete for little stock.",
)
@click.option("--days", default=0, help="Of a switchback: how long it runs, an even number.")
@click.option("--floor", default=0.1, show_default=True, help="A bandit's least share.")
@click.option("--coverage", default=1.0, show_default=True, help="The share of shoppers in it.")
@click.option("--namespace", help="NAME=LOW-HIGH: a slice that other experiments leave alone.")
@click.option("--shoppers", default=0, help="How many the plan asks for; see `experiment plan`.")
@click.option("--looks", default=5, show_default=True, help="How many times the plan looks.")
@click.option("--window", default=0, help="Days after the first exposure in which events count.")
@click.option("--before", default=0, help="Days before the start that CUPED adjusts by; 0: none.")
@click.option("--predict", is_flag=True, help="Adjust by the shop's own forecast (CUPAC).")
@click.option("--cap", default=0.0, help="Quantile of buyers at which money is capped; 0: none.")
@click.option("--alpha", default=0.05, show_default=True, help="The accepted false-positive rate.")
@click.option("--note", default="", help="Why this is tried.")
@config_option
@json_option
def start(  # noqa: PLR0913, PLR0917 (click passes one argument an option)
    name: str,
    variants: tuple[str, ...],
    primary: str,
    outcomes: tuple[str, ...],
    guardrails: tuple[str, ...],
    placements: tuple[str, ...],
    interleave: str | None,
    sticky: bool,
    bandit: bool,
    contexts: tuple[str, ...],
    learner: str,
    switchback: bool,
    days: int,
    floor: float,
    coverage: float,
    namespace: str | None,
    shoppers: int,
    looks: int,
    window: int,
    before: int,
    predict: bool,
    cap: float,
    alpha: float,
    note: str,
    config: str,
    as_json: bool,
) -> None:
    """Start the experiment NAME; from then on its plan does not change."""
    plan = Experiment(
        id=name,
        variants=parse_variants(variants),
        placements=placements,
        kind=_kind(interleave, bandit=bandit, switchback=switchback),
        planned_days=days,
        floor=floor,
        sticky=sticky,
        contexts=contexts,
        learner=learner,
        interleaving=interleave or "team_draft",
        coverage=coverage,
        primary=primary,
        namespace=parse_namespace(namespace),
        outcomes=outcomes or DEFAULT_OUTCOMES,
        alpha=alpha,
        planned_shoppers=shoppers,
        looks=looks,
        window_days=window,
        before_days=before,
        predict=predict,
        cap=cap,
        guardrails=parse_guardrails(guardrails),
        note=note,
    )
    with open_shop(config) as shop:
        policies = default_policies(shop.settings.serve)
        rate = shop.settings.cleaning.bot_rate
        plan = msgspec.structs.replace(plan, bot_views_per_minute=rate)
        if switchback:
            plan = msgspec.structs.replace(plan, zone=shop.settings.shop.time_zone)
        running = begin(plan, shop.store, shop.clock(), policies)
    emit(running, as_json, lambda console: console.print(f"Running: {name}. See `status {name}`."))


def _kind(interleave: str | None, *, bandit: bool, switchback: bool) -> Kind:
    if (interleave is not None) + bandit + switchback > 1:
        raise InputError("--interleave, --bandit and --switchback exclude each other: choose one.")
    if switchback:
        return Kind.SWITCHBACK
    if bandit:
        return Kind.BANDIT
    return Kind.INTERLEAVING if interleave else Kind.SPLIT
