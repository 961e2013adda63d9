"""`splitshelf recommend`: one slate, as a page would get it."""

from uuid import uuid4

import click
from rich.console import Console
from rich.table import Table

from splitshelf.app import open_shop
from splitshelf.cli.output import config_option, emit, json_option
from splitshelf.core.context import Context
from splitshelf.core.requests import ShelfRequest
from splitshelf.core.slates import Slate

EXAMPLE = """
Example:

    splitshelf recommend --shopper anna --placement bought_together mug-12
"""


@click.command(epilog=EXAMPLE)
@config_option
@click.option("--shopper", required=True, help="The shop's id of the shopper.")
@click.option("--placement", default="home", show_default=True, help="The spot in the shop.")
@click.option("--n", default=12, show_default=True, type=click.IntRange(1, 100), help="How many.")
@click.option("--id", "request_id", help="The id of the request; the same id replays its slate.")
@click.option("--variant", help="Force a variant or policy; the slate is in no experiment then.")
@click.argument("products", nargs=-1)
@json_option
def recommend(  # noqa: PLR0913, PLR0917 (click passes every option by name)
    config: str,
    shopper: str,
    placement: str,
    n: int,
    request_id: str | None,
    variant: str | None,
    products: tuple[str, ...],
    as_json: bool,
) -> None:
    """Show what would stand on a shelf; PRODUCTS are what the page is about, or the cart.

    The exposure is logged like any other, so `splitshelf explain ID` can account for it.
    """
    with open_shop(config) as shop:
        request = ShelfRequest(
            id=request_id or uuid4().hex,
            shopper=shopper,
            placement=placement,
            context=Context(at=shop.clock()),
            n=n,
            seeds=products,
            variant=variant,
        )
        slate = shop.recommender.recommend(request, fresh=request_id is None)
    emit(slate, as_json, lambda console: render(console, slate))


def render(console: Console, slate: Slate) -> None:
    """Write the slate for a person."""
    arm = f", {slate.experiment}: {slate.variant}" if slate.experiment else ""
    table = Table("", "product", "title", "score", "chance", "why", title=slate.title)
    for item in slate.items:
        table.add_row(
            str(item.position + 1),
            item.product,
            item.title,
            f"{item.score:.4f}",
            f"{item.propensity:.3f}",
            item.reason.text if item.reason else "",
        )
    console.print(table)
    console.print(f"stage {slate.stage}, policy {slate.policy}{arm}; explain it by its id:")
    console.print(f"splitshelf explain {slate.id}")
