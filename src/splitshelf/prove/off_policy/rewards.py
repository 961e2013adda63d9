"""What each place of a logged slate earned. To add a reward: one function, one line here."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from splitshelf.core.arrays import Floats
from splitshelf.core.clock import DAY
from splitshelf.core.columns import EventColumns
from splitshelf.core.events import EVENT_CODES, EventType
from splitshelf.core.protocols import EventLog
from splitshelf.core.slates import Exposure

CREDIT_DAYS = 7
"""A purchase that names no slate is credited to the last one on which the shopper clicked the
product, at most so many days before."""
_CLICKS = (EVENT_CODES[EventType.CLICK], EVENT_CODES[EventType.VIEW])
_PURCHASE = EVENT_CODES[EventType.PURCHASE]
_CART = EVENT_CODES[EventType.ADD_TO_CART]


@dataclass(frozen=True, slots=True)
class Credit:
    """One event, credited to one place of one slate."""

    row: int
    """Of the slate."""
    place: int
    type: int
    """See EVENT_CODES."""
    money: float


REWARDS: dict[str, Callable[[Credit], float]] = {
    "clicks": lambda credit: float(credit.type in _CLICKS),
    "carts": lambda credit: float(credit.type == _CART),
    "orders": lambda credit: float(credit.type == _PURCHASE),
    "revenue": lambda credit: credit.money if credit.type == _PURCHASE else 0.0,
}
"""name -> what one credited event is worth; shares count once a place, money adds up."""
ADDED = frozenset({"revenue"})


def earned(name: str, exposures: Sequence[Exposure], log: EventLog) -> Floats:
    """What each place of each slate earned, float64 [slates, places]; 0 beyond a slate's end."""
    places = max((len(one.slate) for one in exposures), default=0)
    table = np.zeros((len(exposures), places))
    if not len(exposures):
        return table
    worth = REWARDS[name]
    for credit in credits_of(exposures, log.scan(*_stretch(exposures))):
        value, cell = worth(credit), (credit.row, credit.place)
        table[cell] = table[cell] + value if name in ADDED else max(table[cell], value)
    return table


def _stretch(exposures: Sequence[Exposure]) -> tuple[datetime, datetime]:
    times = [one.at for one in exposures]
    return min(times), max(times) + timedelta(days=CREDIT_DAYS)


def credits_of(exposures: Sequence[Exposure], events: EventColumns) -> Iterator[Credit]:
    """The events that belong to a place of one of the slates."""
    spots = {
        (exposure.id, place.product): (row, position)
        for row, exposure in enumerate(exposures)
        for position, place in enumerate(exposure.slate)
    }
    clicked: dict[tuple[int, int], tuple[int, tuple[int, int]]] = {}
    acts = np.isin(events.type, (*_CLICKS, _CART, _PURCHASE)) & (events.product >= 0)
    for i in np.flatnonzero(acts).tolist():
        spot, who = _spot(events, i, spots), (int(events.shopper[i]), int(events.product[i]))
        at = int(events.at[i])
        if spot is not None and events.type[i] in _CLICKS:
            clicked[who] = (at, spot)
        elif spot is None and events.type[i] == _PURCHASE and events.exposure[i] < 0:
            spot = _last_clicked(clicked.get(who), at)
        if spot is not None:
            money = float(events.price[i] * events.quantity[i])
            yield Credit(*spot, int(events.type[i]), 0.0 if np.isnan(money) else money)


def _spot(
    events: EventColumns, i: int, spots: Mapping[tuple[str, str], tuple[int, int]]
) -> tuple[int, int] | None:
    if events.exposure[i] < 0:
        return None
    exposure, product = int(events.exposure[i]), int(events.product[i])
    return spots.get((events.exposures[exposure], events.products[product]))


def _last_clicked(known: tuple[int, tuple[int, int]] | None, at: int) -> tuple[int, int] | None:
    return known[1] if known is not None and at - known[0] <= CREDIT_DAYS * DAY else None
