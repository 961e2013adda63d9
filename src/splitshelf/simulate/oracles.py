"""Tiny worlds whose right answers are known by construction: what tests hold models against."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from splitshelf.core.events import ContextValue, Event, EventType
from splitshelf.core.products import Product

START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Oracle:
    """A log, its catalogue, and who likes what."""

    products: list[Product]
    events: list[Event]
    likes: dict[str, frozenset[str]]
    """shopper -> the products that this shopper likes, seen or not."""


def two_tastes(products: int = 20, shoppers: int = 60, events: int = 12, seed: int = 1) -> Oracle:
    """Even shoppers look at even products alone, odd ones at odd products alone.

    So whatever is recommended to a shopper must have the shopper's own parity.

    >>> sorted(two_tastes(4, 2).likes["s001"])
    ['p001', 'p003']
    """
    rng = np.random.default_rng(seed)
    goods = [_product(number) for number in range(products)]
    likes = {
        f"s{shopper:03d}": frozenset(goods[n].id for n in range(shopper % 2, products, 2))
        for shopper in range(shoppers)
    }
    told = [
        _view(f"s{shopper:03d}", goods[int(rng.integers(products // 2)) * 2 + shopper % 2], step)
        for shopper in range(shoppers)
        for step in range(events)
    ]
    return Oracle(goods, told, likes)


def two_moods(products: int = 20, shoppers: int = 60, visits: int = 6, seed: int = 1) -> Oracle:
    """Everybody likes even products by day at a desk, and odd ones in the evening by phone.

    Only a model that reads the context can tell which; `likes` maps the mood, not the shopper.

    >>> two_moods().likes.keys() == {"day", "evening"}
    True
    """
    rng = np.random.default_rng(seed)
    goods = [_product(number) for number in range(products)]
    told = [
        event
        for shopper in range(shoppers)
        for visit in range(visits)
        for event in _mooded(f"s{shopper:03d}", visit, goods, rng)
    ]
    even = frozenset(product.id for product in goods[::2])
    odd = frozenset(product.id for product in goods[1::2])
    return Oracle(goods, told, {"day": even, "evening": odd})


def _mooded(
    shopper: str, visit: int, goods: list[Product], rng: np.random.Generator
) -> Iterator[Event]:
    evening = visit % 2
    context: dict[str, ContextValue] = {"device": "phone" if evening else "desktop"}
    for step in range(3):
        product = goods[int(rng.integers(len(goods) // 2)) * 2 + evening]
        at = START + timedelta(days=visit, hours=20 if evening else 10, minutes=step)
        yield Event(
            id=f"{shopper}-{visit}-{step}",
            at=at,
            type=EventType.VIEW,
            shopper=shopper,
            session=f"{shopper}-{visit}",
            product=product.id,
            context=context,
        )


def _product(number: int) -> Product:
    return Product(
        id=f"p{number:03d}", title=f"Product {number}", price=Decimal(10 + number), currency="EUR"
    )


def _view(shopper: str, product: Product, step: int) -> Event:
    return Event(
        id=f"{shopper}-{step}",
        at=START + timedelta(hours=step),
        type=EventType.VIEW,
        shopper=shopper,
        session=f"{shopper}-{step // 4}",
        product=product.id,
    )
