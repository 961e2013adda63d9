"""A generated shop to serve: products in families, shoppers with tastes, a trained artefact."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from splitshelf.collect.stores.opening import open_store
from splitshelf.core.clock import system_clock
from splitshelf.core.events import Event, EventType
from splitshelf.core.products import Product
from splitshelf.core.protocols import Rng, Store
from splitshelf.core.settings import Settings
from splitshelf.learn.training.training import Run, train
from splitshelf.serve.rulebook import KIND

CONFIG = "splitshelf.toml"
_FAMILY = 40
"""Products that share a brand and a category, and that one taste turns to."""
_BATCH = 20_000

RULES: tuple[dict[str, Any], ...] = (
    {"kind": "exclude", "where": {"attributes": {"season": "winter"}}},
    {"kind": "boost", "factor": 1.5, "where": {"price_from": "20", "price_to": "60"}},
    {"kind": "bury", "factor": 0.5, "where": {"category": "Floor 3"}},
    {"kind": "cap", "by": "brand", "most": 4},
    {"kind": "diversity", "strength": 0.2},
    {"kind": "pin", "product": "p1", "position": 5},
)
"""What a merchandiser of the benchmark's shop has said: every shelf obeys all of it."""

Told = Callable[[str, float], None]
"""Hears what is done, and which share of it."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large the shop is."""

    products: int = 200_000
    shoppers: int = 1_000_000
    events: int = 20_000_000


def make_shop(
    folder: Path, size: Size, rng: Rng, told: Told, url: str = Settings().store.url
) -> None:
    """A folder with settings, store and artefact of a shop of that size; what is there is kept.

    `url` says where the store is.
    """
    if (folder / CONFIG).exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    store = open_store(url, folder)
    try:
        store.put_products(products(size.products))
        for number, rule in enumerate(RULES):
            name = f"rule-{number}"
            store.put_document(KIND, name, msgspec.json.encode({"name": name, **rule}))
        _fill(store, size, rng, told)
        told("Training", 1.0)
        run = Run(folder / Settings().model.folder, Settings().model, system_clock)
        train(store, run, lambda _: None)
    finally:
        store.close()
    settings = f'[shop]\nname = "Benchmark"\n[store]\nurl = "{url}"\n[serve]\nworker = false\n'
    (folder / CONFIG).write_text(settings, encoding="utf-8")


def products(count: int) -> Iterator[Product]:
    """Products with titles, brands, categories, prices and stock, as a page shows them."""
    for number in range(count):
        family = number // _FAMILY
        yield Product(
            id=f"p{number}",
            title=f"Thing {number} of family {family}",
            brand=f"Brand {family}",
            category=(f"Floor {family % 12}", f"Aisle {family // 12}"),
            price=Decimal(100 + number % 9_900) / 100,
            currency="EUR",
            stock=number % 50,
            attributes={"season": "summer" if number % 4 else "winter"},
            url=f"/p/{number}",
            image=f"/i/{number}.svg",
        )


def _fill(store: Store, size: Size, rng: Rng, told: Told) -> None:
    each = max(1, size.events // size.shoppers)
    start = datetime.now(UTC) - timedelta(days=60)
    block = max(1, _BATCH // each)
    for first in range(0, size.shoppers, block):
        shoppers = range(first, min(first + block, size.shoppers))
        store.append(list(_browse(shoppers, each, size, rng, start)))
        told("Shoppers browse", shoppers.stop / size.shoppers)


def _browse(shoppers: range, each: int, size: Size, rng: Rng, start: datetime) -> Iterator[Event]:
    """The events of some shoppers: three families each, the popular head of a family more often."""
    families = max(1, size.products // _FAMILY)
    tastes = rng.zipf(1.3, (len(shoppers), 3)) % families
    picks = rng.integers(0, 3, (len(shoppers), each))
    within = (rng.random((len(shoppers), each)) ** 2 * _FAMILY).astype(np.int64)
    chosen = np.minimum(np.take_along_axis(tastes, picks, 1) * _FAMILY + within, size.products - 1)
    minutes = rng.integers(0, 59 * 24 * 60, len(shoppers)).tolist()
    for row, shopper in enumerate(shoppers):
        begin = start + timedelta(minutes=minutes[row])
        for step, product in enumerate(chosen[row].tolist()):
            yield Event(
                id=f"{shopper}.{step}",
                at=begin + timedelta(seconds=20 * step),
                type=EventType.PURCHASE if step % 10 == 9 else EventType.VIEW,
                shopper=f"s{shopper}",
                product=f"p{product}",
            )
