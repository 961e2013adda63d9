"""One visit: what a shopper looks at, what shelves make of it, and what ends in the basket.

The chance that a product on a shelf is clicked is

    P(looks at position p) x sigmoid(SLOPE x liking + COLD),   P(looks at p) = KEEPS_LOOKING^p

so it falls with the position and rises with the taste. All else (what is searched for, put into the
cart, bought) follows the same liking. A visit asks for shelves and yields its events in batches:
whoever runs it stores a batch before asking for the next one, as a browser would.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeAlias

import numpy as np

from splitshelf.core.arrays import Floats
from splitshelf.core.events import ContextValue, Event, EventType
from splitshelf.core.requests import ShelfRequest
from splitshelf.core.slates import Slate
from splitshelf.simulate.diary import Arrival, Diary
from splitshelf.simulate.people import Person
from splitshelf.simulate.world import World

KEEPS_LOOKING = 0.90
GIVES_UP = 0.45
"""How often one whom no shelf of the home page tempts leaves, rather than search."""
CLICK = (1.25, -5.2)
CART, CART_SHELF, SAVE = (1.0, -5.6), (1.0, -3.4), (0.8, -4.4)
"""Slope and start of the logistic curves."""
MISSION, PARTNER, MOOD = 1.0, 0.7, 0.4
"""What the purpose of the visit, what completes it and the hour add to the liking."""

Ask: TypeAlias = Callable[[ShelfRequest], Slate | None]
"""Answers a request for a shelf; None where the shop shows none."""


def no_shelves(request: ShelfRequest) -> None:
    """No shelf at all: how the shop was before it had recommendations."""
    del request


@dataclass(slots=True)
class Memory:
    """What a shopper remembers from visit to visit."""

    bought: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Lead:
    """A product to look at next, and the slate that led there."""

    product: int
    exposure: str | None = None


class Visit:
    """One visit under way."""

    def __init__(
        self, world: World, person: Person, memory: Memory, arrival: Arrival, ask: Ask
    ) -> None:
        self.world, self.person, self.memory = world, person, memory
        self.arrival, self.ask = arrival, ask
        self.rng = np.random.default_rng(arrival.seed)
        self.diary = Diary(world, arrival, self.rng)
        self.mission, self.liking = self._aim(arrival.at.hour)
        self.freshness = np.ones(len(world.products))
        self.cart: list[Lead] = []

    def run(self) -> Iterator[list[Event]]:
        """The events of the visit, in batches; store one before asking for the next."""
        lead = self._landing()
        patience = 1 + int(self.rng.geometric(0.24))
        while patience > 0 or (lead is not None and lead.exposure):
            patience -= 1
            if lead is None:
                yield self.diary.tear_off()
                lead = self._home()
                if lead is None and self.ask is not no_shelves and self._chance(GIVES_UP):
                    break
                lead = lead or self._search()
            self._view(lead, CART)
            yield self.diary.tear_off()
            lead = self._onward(lead.product)
        yield from self._checkout()

    def _aim(self, hour: int) -> tuple[int, Floats]:
        """The family that the visit is about, and how much each product is liked just now."""
        mood = self.world.evening * (1.0 if hour >= 18 else -0.3)
        mission = self._pick(self.person.families * np.exp(mood))
        pull = PARTNER * np.sign(self.world.partners[mission])
        pull[mission] = MISSION
        return mission, self.person.liking + (pull + MOOD * mood)[self.world.family]

    def _landing(self) -> Lead | None:
        """To what was bought before, or in from a search engine; None for the home page."""
        if self.memory.bought and self._chance(0.5):
            again = self.memory.bought[int(self.rng.integers(len(self.memory.bought)))]
            if self._chance(float(self.world.rebuy[self.world.family[again]])):
                return Lead(again)
        return Lead(self._within(self.mission)) if self._chance(0.25) else None

    def _home(self) -> Lead | None:
        lead = self._look_at("home", [])
        if lead is None and self._chance(0.25):
            lead = self._look_at("trending", [])
        return lead

    def _look_at(self, placement: str, seeds: list[int]) -> Lead | None:
        """Go down a shelf: see each product with falling patience, click at most one."""
        slate = self.ask(self.diary.request(placement, seeds))
        for item in slate.items if slate is not None else ():
            if item.position and not self._chance(KEEPS_LOOKING):
                return None
            product = self.world.index.get(item.product)
            if product is None or slate is None:
                continue
            where: dict[str, ContextValue] = {"placement": placement, "position": item.position}
            self.diary.note(EventType.IMPRESSION, product, exposure=slate.id, context=where)
            if self._wants(product, CLICK) and self.freshness[product] == 1:
                self.diary.note(EventType.CLICK, product, exposure=slate.id, context=where)
                return Lead(product, slate.id)
        return None

    def _search(self) -> Lead:
        family = self.mission if self._chance(0.6) else self._pick(self.person.families)
        lead = Lead(self._within(family))
        if self._chance(0.3):
            words = self.world.products[lead.product].category[-1:] or ("gift",)
            self.diary.note(EventType.SEARCH, context={"query": words[0].lower()})
        return lead

    def _view(self, lead: Lead, curve: tuple[float, float]) -> None:
        """Look at one product; `curve` says how readily it goes into the cart."""
        product = lead.product
        self.freshness[product] = 0.1
        dwell = min(600.0, self.rng.lognormal(2.3 + 0.5 * float(self.liking[product]), 0.6))
        self.diary.note(EventType.VIEW, product, exposure=lead.exposure, dwell=round(dwell, 1))
        self.diary.wait(dwell, dwell + 3)
        if self._wants(product, curve):
            self.diary.note(EventType.ADD_TO_CART, product, exposure=lead.exposure)
            self.cart.append(lead)
        elif self._wants(product, SAVE):
            self.diary.note(EventType.WISHLIST, product, exposure=lead.exposure)

    def _onward(self, product: int) -> Lead | None:
        """Where to go from a product page; None for the home page."""
        if self._chance(0.4):
            placement = "also_viewed" if self._chance(0.5) else "bought_together"
            if lead := self._look_at(placement, [product]):
                return lead
        return Lead(self._next_to(product)) if self._chance(0.6) else None

    def _next_to(self, product: int) -> int:
        """Another of the same family, or of one that completes it."""
        family = int(self.world.family[product])
        if self._chance(0.42):
            family = self._pick(self.world.partners[family])
        return self._within(family)

    def _checkout(self) -> Iterator[list[Event]]:
        if self.cart:
            self.diary.note(EventType.CART_VIEW)
            yield self.diary.tear_off()
            if lead := self._look_at("cart", [one.product for one in self.cart]):
                self._view(lead, CART_SHELF)
            if self._chance(0.62):
                self._pay()
            elif self._chance(0.2):
                self.diary.note(EventType.REMOVE_FROM_CART, self.cart[-1].product)
        yield self.diary.tear_off()

    def _pay(self) -> None:
        self.diary.note(EventType.CHECKOUT)
        self.diary.wait(20, 90)
        order = f"{self.arrival.id}-o"
        for product, lead in {lead.product: lead for lead in self.cart}.items():
            quantity = 1 + int(self._chance(0.15))
            self.diary.note(
                EventType.PURCHASE, product, exposure=lead.exposure, order=order, quantity=quantity
            )
            self.memory.bought.append(product)
            self._afterwards(product)

    def _afterwards(self, product: int) -> None:
        if self._chance(0.08):
            stars = min(5, max(1, round(3.6 + 0.8 * float(self.liking[product]))))
            self.diary.note(EventType.RATING, product, value=stars, after=timedelta(hours=2))
        elif self._chance(0.06):
            self.diary.note(EventType.REFUND, product, after=timedelta(hours=3))

    def _within(self, family: int) -> int:
        """A product of a family, by liking; rarely one just seen."""
        inside = self.world.members[family]
        if not len(inside):
            inside = np.arange(len(self.world.products), dtype=np.int32)
        weights = np.exp(1.6 * self.liking[inside]) * self.freshness[inside]
        return int(inside[self._pick(weights)])

    def _pick(self, weights: Floats) -> int:
        totals = np.cumsum(weights)
        return int(np.searchsorted(totals, self.rng.random() * totals[-1], side="right"))

    def _wants(self, product: int, curve: tuple[float, float]) -> bool:
        slope, start = curve
        return self._chance(1 / (1 + math.exp(-slope * float(self.liking[product]) - start)))

    def _chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)
