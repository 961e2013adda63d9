"""A small wired shop for the tests of the web: real store, real group commit."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from splitshelf.collect.group_commit import GroupCommit
from splitshelf.collect.stores.opening import open_store
from splitshelf.core.clock import Clock, system_clock
from splitshelf.core.products import Product
from splitshelf.core.protocols import Store
from splitshelf.core.requests import ShelfRequest
from splitshelf.core.settings import Settings
from splitshelf.core.slates import Slate, SlateItem

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

MUG = Product(id="mug", title="Blue mug", price=Decimal("12.50"), currency="EUR")
LAMP = Product(id="lamp", title="Desk lamp", price=Decimal("39.00"), currency="EUR", stock=3)


@dataclass
class WebShop:
    """Answers every shelf with the catalogue in order: what the web needs, no more."""

    store: Store
    settings: Settings = field(default_factory=Settings)
    clock: Clock = system_clock

    def __post_init__(self) -> None:
        self.commits = GroupCommit(self.store)
        self.record = self.commits.append

    async def recommend(self, request: ShelfRequest) -> Slate:
        """The first products of the catalogue."""
        if request.placement == "broken":
            raise ZeroDivisionError("a secret detail")
        products = [p for p in self.store.products() if p.id not in request.exclude]
        items = [
            SlateItem(product=p.id, position=i, score=1.0, propensity=1.0, title=p.title)
            for i, p in enumerate(products[: request.n])
        ]
        return Slate(
            id=request.id,
            placement=request.placement,
            title="Picked for you",
            stage="popular",
            policy="popular",
            items=items,
        )

    def ready(self) -> str | None:
        """Always ready."""
        return None

    def close(self) -> None:
        """Stop the writer and the store."""
        self.commits.close()
        self.store.close()


def open_web_shop(folder: Path, settings: Settings | None = None) -> WebShop:
    """A shop with two products in a fresh SQLite file."""
    store = open_store("sqlite:///web.sqlite", folder)
    store.put_products([MUG, LAMP])
    return WebShop(store, settings or Settings())
