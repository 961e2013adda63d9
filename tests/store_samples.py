"""Events, exposures and products for the tests of the stores."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from splitshelf.core.context import Context
from splitshelf.core.events import Event, EventType
from splitshelf.core.slates import Exposure, Shown

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """Seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def view(number: int, shopper: str = "anna", product: str | None = None, **fields) -> Event:
    """Event e<number>, `number` seconds after noon; a view of p<number> unless said otherwise."""
    usual = {"id": f"e{number}", "type": EventType.VIEW, "product": product or f"p{number}"}
    return Event(**{"at": at(number), **usual, **fields}, shopper=shopper)


def purchase() -> Event:
    """An event that uses every field."""
    return Event(
        id="full",
        at=at(5.000001),
        type=EventType.PURCHASE,
        shopper="Zoë",
        session="s1",
        product="mug",
        quantity=3,
        price=Decimal("12.30"),
        currency="EUR",
        order="o1",
        dwell=2.5,
        value=4.0,
        exposure="x1",
        context={"device": "phone", "position": 3, "new": True, "none": None, "share": 0.5},
    )


def exposure(number: int, experiment: str | None = None) -> Exposure:
    """Exposure x<number>, `number` seconds after noon."""
    return Exposure(
        id=f"x{number}",
        at=at(number),
        shopper="anna",
        placement="home",
        policy="blend",
        policy_hash="abc",
        model="m1",
        slate=(Shown("p1", 0, 0.1 + 0.2, 1 / 3), Shown("p2", 1, -1.0, 1.0)),
        experiment=experiment,
        variant="treatment" if experiment else None,
        seeds=("p9",),
        context=Context(at=at(number), device="phone", extra={"a": 1}),
        seed=7,
        events_seen=4,
    )
