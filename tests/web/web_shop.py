"""A small real shop for the tests of the web: catalogue, a few days of visits, a trained model."""

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from splitshelf.app import Shop, open_shop
from splitshelf.core.clock import system_clock
from splitshelf.core.events import Event, EventType
from splitshelf.core.products import Product
from splitshelf.learn.training.training import Run, train

MUG = Product(id="mug", title="Blue mug", price=Decimal("12.50"), currency="EUR", brand="Orla")
LAMP = Product(id="lamp", title="Desk lamp", price=Decimal("39.00"), currency="EUR", stock=3)
OTHERS = [
    Product(
        id=f"p{number}",
        title=f"{colour} {thing}",
        price=Decimal(10 + number),
        currency="EUR",
        category=("Home", thing),
    )
    for number, (colour, thing) in enumerate(
        (colour, thing)
        for thing in ("Cushion", "Candle", "Vase", "Basket", "Throw")
        for colour in ("Sand", "Sage", "Clay", "Ink", "Rose")
    )
]
PRODUCTS = [MUG, LAMP, *OTHERS]


def visits(now: datetime, people: int = 200, seed: int = 3) -> Iterator[Event]:
    """What people did in the ten days before now: everybody prefers one kind of thing."""
    rng = random.Random(seed)
    for person in range(people):
        kind_of_thing = 5 * rng.randrange(5)
        liked = [*OTHERS[kind_of_thing : kind_of_thing + 5], MUG if person % 2 else LAMP]
        at = now - timedelta(days=10) + timedelta(hours=rng.random() * 230)
        for product in rng.choices(liked, k=rng.randint(3, 9)):
            at += timedelta(seconds=rng.randint(5, 90))
            kind = rng.choices(
                [EventType.VIEW, EventType.ADD_TO_CART, EventType.PURCHASE], [8, 2, 1]
            )[0]
            yield Event(
                id=str(UUID(int=rng.getrandbits(128))),
                at=at,
                type=kind,
                shopper=f"s{person}",
                product=product.id,
                price=product.price,
                currency="EUR",
            )


def make_shop(folder: Path) -> Path:
    """A folder with settings, store and model."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "splitshelf.toml"
    config.write_text('[shop]\nname = "Maren & Co"\n', encoding="utf-8")
    with open_shop(config) as shop:
        shop.store.put_products(PRODUCTS)
        shop.store.append(sorted(visits(datetime.now(UTC)), key=lambda event: event.at))
        train(shop.store, Run(shop.models, shop.settings.model, system_clock), lambda _: None)
    return config


def patient(settings: str) -> str:
    """The settings with time for a busy machine, and no worker that takes some of it."""
    calm = "[serve]\npatience = 2\nworker = false\n"
    return settings.replace("[serve]\n", calm) if "[serve]\n" in settings else settings + calm


@contextmanager
def copy_of(made: Path, folder: Path, settings: str = "") -> Iterator[Shop]:
    """The shop copied into a folder of its own, opened; `settings` is added to its file."""
    shutil.copytree(made.parent, folder, dirs_exist_ok=True)
    config = folder / made.name
    config.write_text(config.read_text(encoding="utf-8") + patient(settings), encoding="utf-8")
    with open_shop(config) as shop:
        yield shop
