"""What is counted of each shopper: the columns that outcomes are made from.

A column is counted day by day and merged over days, so that a refresh reads only what is new. To
add one: a function of a day and a line in `COLUMNS`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from splitshelf.core.arrays import Bools, Bytes, Floats, Ints, Longs
from splitshelf.core.events import EVENT_CODES, EventType

HOUR = 3_600_000_000  # microseconds


@dataclass(frozen=True, slots=True)
class Day:
    """What the shoppers of an experiment did on one day, after their first exposure."""

    n: int
    """How many shoppers there are."""
    slates: Floats
    """float64 [n]: slates shown to each."""
    positions: Floats
    """float64 [n]: places on those slates."""
    products: Floats
    """float64 [n]: different products on them."""
    took: Floats
    """float64 [n]: milliseconds that the timed ones of those slates took, summed."""
    timed: Floats
    """float64 [n]: how many of them were timed."""
    shopper: Ints
    """int32 [m]: whose event it is, 0 to n - 1. All arrays below have one entry an event."""
    at: Longs
    since: Longs
    """int64 [m]: microseconds after the shopper's first exposure."""
    type: Bytes
    quantity: Ints
    price: Floats
    """float64 [m]: of one unit; nan where not given."""
    cost: Floats
    """float64 [m]: of one unit of the product to the shop; nan where not known."""
    order: Ints
    """int32 [m]: -1 where the purchase names none: then its moment makes it one."""
    slate: Ints
    """int32 [m]: which slate of this experiment led here; -1 where none did."""
    product: Ints
    """int32 [m]: -1 where none."""
    fullest: Floats
    """float64 [n]: the most acts of each in one minute of the day; see core.machines.tempo."""
    odd: Bools
    """bool [n]: who says that it is a machine, or steps faster than a person."""
    team: Bytes
    """int8 [m]: whose place on an interleaved slate the product had: 0, 1, or -1 for nobody's."""

    def total(self, chosen: Bools, weight: Floats | None = None) -> Floats:
        """The sum per shopper over the chosen events, float64 [n]."""
        weights = None if weight is None else weight[chosen]
        return np.bincount(self.shopper[chosen], weights, minlength=self.n).astype(np.float64)

    def distinct(self, chosen: Bools, *keys: Longs | Ints) -> Floats:
        """How many different keys each shopper has among the chosen events, float64 [n]."""
        rows = np.column_stack([self.shopper[chosen], *(key[chosen] for key in keys)])
        if not len(rows):
            return np.zeros(self.n)
        return np.bincount(np.unique(rows, axis=0)[:, 0], minlength=self.n).astype(np.float64)

    def having(self, *types: EventType) -> Bools:
        """Which events have one of the types, bool [m]."""
        return np.isin(self.type, [EVENT_CODES[kind] for kind in types])


@dataclass(frozen=True, slots=True)
class Column:
    """How one number per shopper is counted on a day, and how two days become one."""

    of: Callable[[Day], Floats]
    merge: np.ufunc = np.add
    start: float = 0.0
    """The value of a shopper with no day yet."""


def _clicks(day: Day) -> Floats:
    """Slates that were clicked: a second click on one the same day adds nothing."""
    clicked = day.having(EventType.CLICK, EventType.VIEW) & (day.slate >= 0)
    return day.distinct(clicked, day.slate)


def _won(day: Day, team: int) -> Floats:
    """Clicked products that one policy had put on interleaved slates, each once a slate."""
    clicked = day.having(EventType.CLICK, EventType.VIEW) & (day.slate >= 0) & (day.team == team)
    return day.distinct(clicked, day.slate, day.product)


def _orders(day: Day) -> Floats:
    """Orders, each once whatever its number of lines."""
    moment = np.where(day.order < 0, day.at, -1)
    return day.distinct(day.having(EventType.PURCHASE), day.order, moment)


def filled(values: Floats) -> Floats:
    """The values with 0 for nan."""
    return np.where(np.isnan(values), 0.0, values)


def _money(day: Day, kind: EventType) -> Floats:
    return day.total(day.having(kind), filled(day.price * day.quantity))


def _margin(day: Day) -> Floats:
    """Price less cost, where both are known."""
    gain = filled((day.price - day.cost) * day.quantity)
    return day.total(day.having(EventType.PURCHASE), gain)


def _active(day: Day) -> Floats:
    """Whether the shopper did anything but be shown something."""
    return (day.total(~day.having(EventType.IMPRESSION)) > 0).astype(np.float64)


def _delay(day: Day) -> Floats:
    """Hours from the first exposure to the first purchase; nan without one."""
    hours = np.full(day.n, np.inf)
    bought = day.having(EventType.PURCHASE)
    np.minimum.at(hours, day.shopper[bought], day.since[bought] / HOUR)
    return np.where(np.isinf(hours), np.nan, hours)


def _busy(day: Day) -> Floats:
    """Slates and acts: what a bot has more of than any shopper."""
    return day.slates + day.total(~day.having(EventType.IMPRESSION))


COLUMNS: dict[str, Column] = {
    "slates": Column(lambda day: day.slates),
    "positions": Column(lambda day: day.positions),
    "distinct": Column(lambda day: day.products),
    "took": Column(lambda day: day.took),
    "timed": Column(lambda day: day.timed),
    "clicks": Column(_clicks),
    "carts": Column(lambda day: day.total(day.having(EventType.ADD_TO_CART))),
    "orders": Column(_orders),
    "units": Column(
        lambda day: day.total(day.having(EventType.PURCHASE), day.quantity.astype(np.float64))
    ),
    "revenue": Column(lambda day: _money(day, EventType.PURCHASE)),
    "margin": Column(_margin),
    "refunds": Column(lambda day: _money(day, EventType.REFUND)),
    "refunded": Column(
        lambda day: day.total(day.having(EventType.REFUND), day.quantity.astype(np.float64))
    ),
    "active_days": Column(_active),
    "delay": Column(_delay, np.fmin, np.nan),
    "busiest": Column(_busy, np.maximum),
    "fullest": Column(lambda day: day.fullest, np.maximum),
    "odd": Column(lambda day: day.odd.astype(np.float64), np.maximum),
    "won_first": Column(lambda day: _won(day, 0)),
    "won_second": Column(lambda day: _won(day, 1)),
}
"""name -> how it is counted; the names are what an outcome's `needs` may hold."""
