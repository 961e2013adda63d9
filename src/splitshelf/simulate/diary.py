"""What a visit leaves behind: its clock, and the events that it writes down in batches."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from splitshelf.core.context import Context
from splitshelf.core.events import ContextValue, Event, EventType
from splitshelf.core.requests import ShelfRequest
from splitshelf.simulate.world import World

_PRICED = frozenset({EventType.PURCHASE, EventType.ADD_TO_CART, EventType.REFUND})
_LONG = frozenset({"home", "trending"})


@dataclass(frozen=True, slots=True)
class Arrival:
    """When and how a visit begins."""

    id: str
    """Also the session; the ids of its events and requests begin with it."""
    shopper: str
    at: datetime
    phone: bool
    seed: tuple[int, ...]


class Diary:
    """The clock and the events of one visit."""

    def __init__(self, world: World, arrival: Arrival, rng: np.random.Generator) -> None:
        self._world, self._arrival, self._rng = world, arrival, rng
        self._now = arrival.at
        self._device = "phone" if arrival.phone else "desktop"
        self._batch: list[Event] = []
        self._events = self._shelves = 0

    def wait(self, low: float, high: float) -> None:
        """Let between low and high seconds pass."""
        self._now += timedelta(seconds=float(self._rng.uniform(low, high)))

    def note(
        self,
        kind: EventType,
        product: int | None = None,
        *,
        context: dict[str, ContextValue] | None = None,
        after: timedelta = timedelta(0),
        **fields: Any,
    ) -> None:
        """Write an event down; `fields` are those of Event, `after` delays it."""
        self._events += 1
        self.wait(0.2, 0.9)
        if product is not None:
            thing = self._world.products[product]
            fields["product"] = thing.id
            if kind in _PRICED:
                fields |= {"price": thing.price, "currency": thing.currency}
        self._batch.append(
            Event(
                id=f"{self._arrival.id}-{self._events}",
                at=self._now + after,
                type=kind,
                shopper=self._arrival.shopper,
                session=self._arrival.id,
                context={"device": self._device, **(context or {})},
                **fields,
            )
        )

    def tear_off(self) -> list[Event]:
        """The events written since the last time."""
        batch, self._batch = self._batch, []
        return batch

    def request(self, placement: str, seeds: list[int]) -> ShelfRequest:
        """A wish for a shelf, at the time that it is now."""
        self._shelves += 1
        return ShelfRequest(
            id=f"{self._arrival.id}-r{self._shelves}",
            shopper=self._arrival.shopper,
            placement=placement,
            context=Context(at=self._now, device=self._device, country="DE"),
            n=12 if placement in _LONG else 6,
            seeds=tuple(self._world.products[seed].id for seed in seeds),
            session=self._arrival.id,
        )
