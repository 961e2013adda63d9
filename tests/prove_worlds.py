"""Small shops with a running experiment whose outcome is known by construction."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from splitshelf.core.assignment import assign
from splitshelf.core.events import Event, EventType
from splitshelf.core.experiments import Experiment, Status, Variant
from splitshelf.core.slates import Exposure, Shown

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def experiment(**changes) -> Experiment:
    """A running experiment of two halves, begun at START."""
    plan = {
        "id": "home-shelf",
        "variants": (
            Variant(name="control", policy="popular", weight=0.5),
            Variant(name="personal", policy="additive", weight=0.5),
        ),
        "status": Status.RUNNING,
        "started": START,
    }
    return Experiment(**plan | changes)


def exposure(
    number: str, shopper: str, variant: str | None, at: datetime, plan: str = "home-shelf"
) -> Exposure:
    """One slate of two products, shown to a shopper."""
    return Exposure(
        id=number,
        at=at,
        shopper=shopper,
        placement="home",
        policy="p",
        policy_hash="h",
        model="m",
        slate=(Shown("a", 0, 1.0, 0.5), Shown("b", 1, 0.5, 0.5)),
        experiment=plan,
        variant=variant,
    )


def event(
    number: str, shopper: str, kind: EventType, at: datetime, price: float = 0, **more
) -> Event:
    """One event; a purchase of one unit where it has a price."""
    money = {"price": Decimal(str(price)), "currency": "EUR"} if price else {}
    return Event(id=number, at=at, type=kind, shopper=shopper, product="a", **money, **more)


def fill(
    store,
    plan: Experiment,
    rng: np.random.Generator,
    shoppers: int,
    *,
    buys: Callable[[str], float],
    days: int = 5,
    prefix: str = "s",
    begin: datetime = START,
) -> None:
    """Shoppers come once on a random day, see a slate, maybe click, and buy with chance `buys`."""
    exposures, events = [], []
    for number in range(shoppers):
        shopper = f"{prefix}{number}"
        variant = assign(plan, shopper)
        if variant is None:
            continue
        at = begin + timedelta(seconds=float(rng.uniform(0, days * 86_400)))
        slate = f"x-{shopper}"
        exposures.append(exposure(slate, shopper, variant.name, at))
        later = at + timedelta(minutes=5)
        if rng.random() < 0.3:
            click = event(f"c-{shopper}", shopper, EventType.CLICK, later, exposure=slate)
            events.append(click)
        if rng.random() < buys(variant.name):
            price = round(float(rng.lognormal(3, 0.5)), 2)
            order = f"o-{shopper}"
            events.append(
                event(f"p-{shopper}", shopper, EventType.PURCHASE, later, price, order=order)
            )
    store.append_exposures(sorted(exposures, key=lambda one: one.at))
    store.append(sorted(events, key=lambda one: one.at))
