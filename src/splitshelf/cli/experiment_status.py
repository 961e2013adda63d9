"""`splitshelf experiment status`: what each experiment says now."""

import click
from rich.console import Console

from splitshelf.app import Shop, open_shop
from splitshelf.cli.output import config_option, emit, json_option
from splitshelf.cli.verdicts import show_verdict
from splitshelf.core.experiments import Experiment
from splitshelf.prove.experiments import experiments, find
from splitshelf.prove.verdict import Verdict
from splitshelf.prove.verdicts import judge

EXAMPLE = """
Example:

    splitshelf experiment status home-shelf --json
"""


@click.command(epilog=EXAMPLE)
@click.argument("name", required=False)
@config_option
@json_option
def status(name: str | None, config: str, as_json: bool) -> None:
    """Show the verdict on the experiment NAME, or on all of them."""
    with open_shop(config) as shop:
        chosen = (find(name, shop.store),) if name else experiments(shop.store)
        judged = [(one, _verdict(one, shop)) for one in chosen]

    def render(console: Console) -> None:
        if not judged:
            console.print("No experiment yet. See `splitshelf experiment start --help`.")
        for one, verdict in judged:
            console.rule(f"{one.id} ({one.status})")
            show_verdict(console, verdict)

    document = [{"experiment": one, "verdict": verdict} for one, verdict in judged]
    emit(document[0] if name else document, as_json, render)


def _verdict(experiment: Experiment, shop: Shop) -> Verdict:
    return judge(experiment, shop.store, shop.clock())
