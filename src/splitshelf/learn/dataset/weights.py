"""How much each kind of act says about taste: one table for counting and for queries."""

from collections.abc import Mapping

import numpy as np

from splitshelf.core.arrays import Bytes, Floats
from splitshelf.core.events import EVENT_TYPES, EventType

EVENT_WEIGHTS: dict[EventType, float] = {
    EventType.VIEW: 1.0,
    EventType.CLICK: 1.0,
    EventType.WISHLIST: 2.0,
    EventType.RATING: 2.0,
    EventType.ADD_TO_CART: 3.0,
    EventType.PURCHASE: 5.0,
    EventType.DISMISS: -1.0,
}
"""Types that are not listed say nothing. A negative weight counts against the likes of a product
in a query, and is left out of counting. In counting a rating weighs what it is above 2."""

_TABLE = np.array([EVENT_WEIGHTS.get(kind, 0.0) for kind in EVENT_TYPES])


def query_weights(types: Bytes) -> Floats:
    """The weight of each event of a query, float64 [m]."""
    return _TABLE[types]


def table_of(weights: Mapping[EventType, float]) -> Floats:
    """The weight of each type by its code, float64 [types]; what is not named weighs nothing."""
    return np.array([weights.get(kind, 0.0) for kind in EVENT_TYPES])
