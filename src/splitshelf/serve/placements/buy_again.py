"""What the shopper buys again and again, when it is due.

The interval of a product is the median time between this shopper's own purchases of it; after a
single purchase it is 30 days. It is due from four fifths of the interval on.
"""

import numpy as np

from splitshelf.core.arrays import Bools, Longs
from splitshelf.core.clock import DAY
from splitshelf.core.events import EVENT_CODES, EventType
from splitshelf.serve.placement import Ask, Placement, Query, only

_PURCHASE = EVENT_CODES[EventType.PURCHASE]
_ONCE = 30 * DAY
_EARLY = 0.8


def query(ask: Ask) -> Query:
    """The purchases of the products that are due."""
    past = ask.past.activity
    bought: Bools = past.types == _PURCHASE
    for product in np.unique(past.products[bought]):
        lines = bought & (past.products == product)
        times = np.unique(past.times[lines])
        if ask.at - times[-1] < _EARLY * interval(times):
            bought &= ~lines
    return Query(only(past, bought), "personal")


def interval(times: Longs) -> float:
    """Microseconds between purchases at these rising times."""
    return float(np.median(np.diff(times))) if len(times) > 1 else float(_ONCE)


BUY_AGAIN = Placement(
    "buy_again", query, seeds="bought_before", model="returning", shows_bought=True
)
