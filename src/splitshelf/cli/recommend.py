"""`splitshelf recommend`: one slate, as a page would get it, or one for each of many shoppers."""

from pathlib import Path
from uuid import uuid4

import click
from rich.console import Console
from rich.table import Table

from splitshelf.app import open_shop
from splitshelf.cli.output import config_option, emit, json_option
from splitshelf.cli.recommend_batch import Batch, render_batch, run_batch
from splitshelf.core.context import Context
from splitshelf.core.errors import InputError
from splitshelf.core.requests import ShelfRequest
from splitshelf.core.slates import Slate

EXAMPLE = """
Example:

    splitshelf recommend --shopper anna --placement bought_together mug-12

    splitshelf recommend --batch shoppers.csv --placement email --out mailing.csv
"""


@click.command(epilog=EXAMPLE)
@config_option
@click.option("--shopper", help="The shop's id of the shopper.")
@click.option("--placement", default="home", show_default=True, help="The spot in the shop.")
@click.option("--n", default=12, show_default=True, type=click.IntRange(1, 100), help="How many.")
@click.option("--id", "request_id", help="The id of the request; the same id replays its slate.")
@click.option("--variant", help="Force a variant or policy; the slate is in no experiment then.")
@click.option(
    "--list", "listed", is_flag=True, help="PRODUCTS are a list to re-rank: category and search."
)
@click.option(
    "--batch",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file of shoppers, one id a line or a CSV column `shopper`: a shelf for each.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the shelves of a batch go: .csv or .jsonl.",
)
@click.option("--mailing", default="", help="The name of a batch; made again, it shows the same.")
@click.option(
    "--rotation",
    default=4,
    show_default=True,
    type=click.IntRange(0, 100),
    help="Nobody gets a product again that one of so many mailings before showed them.",
)
@click.argument("products", nargs=-1)
@json_option
def recommend(  # noqa: PLR0913, PLR0917 (click passes every option by name)
    config: str,
    shopper: str | None,
    placement: str,
    n: int,
    request_id: str | None,
    variant: str | None,
    listed: bool,
    batch: Path | None,
    out: Path | None,
    mailing: str,
    rotation: int,
    products: tuple[str, ...],
    as_json: bool,
) -> None:
    """Show what would stand on a shelf; PRODUCTS are what the page is about, or the cart.

    The exposure is logged like any other, so `splitshelf explain ID` can account for it.
    """
    if batch is not None:
        if out is None or shopper is not None:
            raise InputError("A batch needs --out FILE, and no --shopper.")
        with open_shop(config) as shop:
            report = run_batch(shop, Batch(batch, out, mailing, rotation), placement, n)
        emit(report, as_json, lambda console: render_batch(console, report))
        return
    if shopper is None:
        raise InputError("Say for whom: --shopper ID, or --batch FILE for many.")
    with open_shop(config) as shop:
        request = ShelfRequest(
            id=request_id or uuid4().hex,
            shopper=shopper,
            placement=placement,
            context=Context(at=shop.clock()),
            n=n,
            seeds=() if listed else products,
            products=products if listed else (),
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
