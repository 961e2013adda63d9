"""What each position of logged shelves earned, by the shop's own weights."""

from collections.abc import Mapping, Sequence

import numpy as np

from splitshelf.core.arrays import Floats
from splitshelf.core.clock import DAY
from splitshelf.core.columns import EventColumns
from splitshelf.core.events import EVENT_CODES, EventType
from splitshelf.core.products import Product
from splitshelf.core.settings import ObjectiveSettings
from splitshelf.core.slates import Exposure

_PURCHASE = EVENT_CODES[EventType.PURCHASE]
_CLICKS = (EVENT_CODES[EventType.CLICK], EVENT_CODES[EventType.VIEW])
_LATER = DAY
"""A purchase without a slate's id belongs to the slate that led to the product within a day."""

_Place = tuple[int, int]


def earnings(
    exposures: Sequence[Exposure],
    columns: EventColumns,
    products: Mapping[str, Product],
    objective: ObjectiveSettings,
) -> Floats:
    """What each position earned, float64 [exposures, longest]; a click counts once a position."""
    longest = max((len(one.slate) for one in exposures), default=0)
    earned = np.zeros((len(exposures), longest))
    places = {
        (one.id, shown.product): (row, shown.position)
        for row, one in enumerate(exposures)
        for shown in one.slate
    }
    clicked: dict[_Place, tuple[int, _Place]] = {}
    seen: set[_Place] = set()
    for event in _acts(columns):
        place = _place(columns, event, places, clicked)
        if place is None:
            continue
        if columns.type[event] == _PURCHASE:
            earned[place] += _worth(columns, event, products, objective)
            continue
        earned[place] += 0.0 if place in seen else objective.click
        seen.add(place)
        whose = int(columns.shopper[event]), int(columns.product[event])
        clicked[whose] = int(columns.at[event]), place
    return earned


def _acts(columns: EventColumns) -> list[int]:
    """The rows of clicks, looks and purchases, oldest first."""
    kinds = np.array([*_CLICKS, _PURCHASE], dtype=np.int8)
    return np.flatnonzero(np.isin(columns.type, kinds) & (columns.product >= 0)).tolist()


def _place(
    columns: EventColumns,
    event: int,
    places: Mapping[tuple[str, str], _Place],
    clicked: Mapping[_Place, tuple[int, _Place]],
) -> _Place | None:
    """Which slate and position led to an act; None where none of these did."""
    exposure, product = int(columns.exposure[event]), int(columns.product[event])
    if exposure >= 0:
        return places.get((columns.exposures[exposure], columns.products[product]))
    led = clicked.get((int(columns.shopper[event]), product))
    if columns.type[event] != _PURCHASE or led is None:
        return None
    return led[1] if columns.at[event] - led[0] <= _LATER else None


def _worth(
    columns: EventColumns, event: int, products: Mapping[str, Product], objective: ObjectiveSettings
) -> float:
    """What one line of an order is worth; a price or cost that nobody knows counts nothing."""
    product = products.get(columns.products[int(columns.product[event])], _UNKNOWN)
    price = float(columns.price[event])
    if np.isnan(price):
        price = float(product.price or 0)
    margin = price - float(product.cost) if product.cost is not None else 0.0
    units = int(columns.quantity[event])
    return objective.purchase + units * (objective.revenue * price + objective.margin * margin)


_UNKNOWN = Product(id="")
