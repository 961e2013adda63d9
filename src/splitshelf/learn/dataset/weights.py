"""How much each kind of act says about taste: one table for counting and for queries."""

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
in a query, and is left out of counting. A rating's weight in counting is `rating_weight`."""

_TABLE = np.array([EVENT_WEIGHTS.get(kind, 0.0) for kind in EVENT_TYPES])


def query_weights(types: Bytes) -> Floats:
    """The weight of each event of a query, float64 [m]."""
    return _TABLE[types]


def count_weights(types: Bytes, values: np.ndarray) -> Floats:
    """The weight of each event in counting, float64 [m], at least 0; `values` are of ratings."""
    weights = np.maximum(_TABLE[types], 0.0)
    rated = ~np.isnan(values)
    weights[rated] = rating_weight(values[rated])
    return weights


def rating_weight(values: np.ndarray) -> Floats:
    """What a rating of 1 to 5 says: nothing up to 2, then one for every step.

    >>> rating_weight(np.array([1.0, 3.0, 5.0])).tolist()
    [0.0, 1.0, 3.0]
    """
    return np.maximum(values.astype(np.float64) - 2.0, 0.0)
