"""`splitshelf explain`: why a slate was as it was, or why a product would stand on a shelf."""

from uuid import uuid4

import click
from rich.console import Console
from rich.table import Table

from splitshelf.app import Shop, open_shop
from splitshelf.cli.output import config_option, emit, json_option
from splitshelf.core.context import Context
from splitshelf.core.errors import InputError
from splitshelf.core.requests import ShelfRequest
from splitshelf.core.slates import Exposure
from splitshelf.serve.accounts import (
    UNKNOWN_SLATE,
    Account,
    Otherwise,
    PartAccount,
    Standing,
    account_of,
    otherwise,
    would_stand,
)

EXAMPLE = """
Examples:

    splitshelf explain 5f0c7d6e2b

    splitshelf explain 5f0c7d6e2b --without mug-12

    splitshelf explain --shopper anna --product mug-12
"""


@click.command(epilog=EXAMPLE)
@config_option
@click.argument("request_id", required=False)
@click.option("--without", help="The whole shelf, had the shopper never met this product.")
@click.option("--shopper", help="With --product: whose shelf.")
@click.option("--product", help="With --shopper: why it would stand there now, or would not.")
@click.option("--placement", default="home", show_default=True, help="With --product: where.")
@click.option("--n", default=12, show_default=True, type=click.IntRange(1, 100), help="How many.")
@json_option
def explain(  # noqa: PLR0913, PLR0917 (click passes every option by name)
    config: str,
    request_id: str | None,
    without: str | None,
    shopper: str | None,
    product: str | None,
    placement: str,
    n: int,
    as_json: bool,
) -> None:
    """Account for the slate of REQUEST_ID from the log, or for one product that might be shown."""
    with open_shop(config) as shop:
        if request_id is not None:
            exposure = past_slate(shop, request_id)
            if without is not None:
                other = otherwise(shop.recommender, exposure, without)
                emit(other, as_json, lambda console: render_otherwise(console, other, exposure))
                return
            account = account_of(shop.recommender, exposure)
            emit(account, as_json, lambda console: render_account(console, account))
            return
        if shopper is None or product is None:
            raise InputError("Give the id of a request, or --shopper together with --product.")
        context = Context(at=shop.clock())
        request = ShelfRequest(
            id=uuid4().hex, shopper=shopper, placement=placement, context=context, n=n
        )
        standing = would_stand(shop.recommender, request, product)
        emit(standing, as_json, lambda console: render_standing(console, standing))


def past_slate(shop: Shop, request_id: str) -> Exposure:
    """A logged slate; raises InputError where the log has none of that id."""
    exposure = shop.store.exposure(request_id)
    if exposure is None:
        raise InputError(f"'{request_id}': {UNKNOWN_SLATE}")
    return exposure


def render_account(console: Console, account: Account) -> None:
    """Write the account for a person."""
    console.print(
        f"{account.placement} at {account.at:%Y-%m-%d %H:%M:%S} UTC, stage {account.stage}, policy "
        f"{account.policy}, model {account.model}, seed {account.seed}, "
        f"{account.events_seen} events read."
    )
    if account.rules:
        console.print(f"Rules that have a say there now: {', '.join(account.rules)}.")
    for item in account.items:
        console.print(
            f"\n{item.position + 1}. {item.title} ({item.product}): score {item.score:.4f}, "
            f"chance {item.propensity:.3f}. {item.reason}."
        )
        if item.place:
            console.print(f"   Its place: {item.place}.")
        console.print(parts_table(item.parts))
        if item.what_if:
            place = item.what_if.position
            where = "not on the shelf" if place is None else f"at position {place + 1}"
            without, score = item.what_if.without, item.what_if.score
            console.print(f"   Without {without}: score {score:.4f}, {where}.")
    console.print(
        "\nEvery score came out as it was logged."
        if account.exact
        else "\nNot as it was: " + "; ".join(account.differs) + "."
    )


def render_otherwise(console: Console, other: Otherwise, exposure: Exposure) -> None:
    """Write the shelf as it was beside the shelf as it would have been."""
    console.print(f"Without {other.title} ({other.without}), {other.events} events left out:")
    stood = [shown.product for shown in exposure.slate]
    table = Table("place", "stood there", "would have stood there", "")
    rows = zip(other.products, other.titles, strict=True)
    for place, (product, title) in enumerate(rows):
        was = stood[place] if place < len(stood) else ""
        new = "" if product in stood else "new"
        table.add_row(str(place + 1), was, f"{title} ({product})", new)
    console.print(table)


def render_standing(console: Console, standing: Standing) -> None:
    """Write why a product would stand there, or would not."""
    place = standing.position
    where = "would not stand" if place is None else f"would stand at position {place + 1}"
    console.print(
        f"{standing.title} ({standing.product}) {where} on {standing.placement}: score "
        f"{standing.score:.4f}, the lowest there has {standing.lowest_shown:.4f}."
    )
    for why in standing.hindered_by:
        console.print(f"It cannot: {why}.")
    console.print(parts_table(standing.parts))


def parts_table(parts: list[PartAccount]) -> Table:
    """The parts of one score, largest first."""
    table = Table("part", "model", "value", "share", "because of")
    for part in parts:
        cited = f"{part.act} of {part.product}" if part.product else ""
        shared = f" ({part.detail})" if part.detail else ""
        table.add_row(
            part.kind, part.model, f"{part.value:.4f}", f"{part.share:.0%}", cited + shared
        )
    return table
