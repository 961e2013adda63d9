"""`splitshelf experiment ramp`: let more shoppers into a running experiment, or deal otherwise."""

import click

from splitshelf.app import open_shop
from splitshelf.cli.output import config_option, emit, json_option
from splitshelf.core.errors import InputError
from splitshelf.prove.experiments import ramp as widen
from splitshelf.prove.plans import parse_weights
from splitshelf.prove.reweighing import reweigh

EXAMPLE = """
Examples:

    splitshelf experiment ramp home-shelf --coverage 0.5

    splitshelf experiment ramp home-shelf --weight control=0.1 --weight personal=0.9
"""


@click.command(epilog=EXAMPLE)
@click.argument("name")
@click.option("--coverage", type=float, help="The new share; above today's.")
@click.option(
    "--weight",
    "weights",
    multiple=True,
    help="VARIANT=SHARE for newcomers, of an experiment started with --sticky.",
)
@config_option
@json_option
def ramp(
    name: str, coverage: float | None, weights: tuple[str, ...], config: str, as_json: bool
) -> None:
    """Widen or reweigh the running experiment NAME; whoever is in it keeps the variant."""
    if (coverage is None) == (not weights):
        raise InputError("Give either --coverage, or a --weight for every variant.")
    with open_shop(config) as shop:
        if coverage is not None:
            changed = widen(name, coverage, shop.store, shop.clock())
            said = f"{name} now covers {coverage:.0%}."
        else:
            changed = reweigh(name, parse_weights(weights), shop.store, shop.clock())
            dealt = ", ".join(f"{one.name} {one.weight:.0%}" for one in changed.variants)
            said = f"Newcomers to {name} are now dealt {dealt}; all others keep what they have."
    emit(changed, as_json, lambda console: console.print(said))
