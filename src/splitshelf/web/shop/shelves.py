"""The shelves of a page: asked for one after the other, none showing what another shows."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from splitshelf.app import Shop
from splitshelf.core.context import Context
from splitshelf.core.products import Product
from splitshelf.core.requests import ShelfRequest
from splitshelf.core.slates import Slate, SlateItem
from splitshelf.web.shop.goods import Goods
from splitshelf.web.shop.visitors import LOOKS, Visitor

STAGES = {
    "personal": "From what you did so far",
    "session": "From this visit",
    "product": "From this product",
    "popular": "Not personal yet",
    "fallback": "The same for everybody",
}
"""What a shelf says of itself."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One shelf of a page."""

    placement: str
    n: int
    seeds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """One product on a shelf."""

    item: SlateItem
    product: Product


@dataclass(frozen=True, slots=True)
class Shelf:
    """One shelf, ready to be drawn."""

    slate: Slate
    cards: Sequence[Card]

    @property
    def stage(self) -> str:
        """What it is made from, in words."""
        if self.slate.placement == "cart" and self.slate.stage == "product":
            return "From your bag"
        return STAGES.get(self.slate.stage, "")


async def shelves(
    shop: Shop, goods: Goods, visitor: Visitor, wanted: Sequence[Wanted], page: str
) -> list[Shelf]:
    """The shelves that have something to show."""
    shown: list[str] = []
    found = []
    for wish in wanted:
        request = ShelfRequest(
            id=uuid.uuid4().hex,
            shopper=visitor.shopper,
            placement=wish.placement,
            context=Context(at=shop.clock(), page=page),
            n=wish.n,
            seeds=wish.seeds,
            exclude=tuple(shown),
            session=visitor.session,
            variant=LOOKS[visitor.look],
        )
        slate = await shop.recommend(request, fresh=True)
        cards = [
            Card(item, goods.by_id[item.product])
            for item in slate.items
            if item.product in goods.by_id
        ]
        shown.extend(card.product.id for card in cards)
        if cards:
            found.append(Shelf(slate, cards))
    return found
