"""What the shopper looked at, the newest first."""

import numpy as np

from splitshelf.core.events import EVENT_CODES, EventType
from splitshelf.serve.placement import Ask, Placement, Query, only

_LOOKS = [EVENT_CODES[EventType.VIEW], EVENT_CODES[EventType.CLICK]]


def query(ask: Ask) -> Query:
    """The looks alone; `serve.returning` scores each product by its own."""
    past = ask.past.activity
    looks = only(past, np.isin(past.types, _LOOKS))
    return Query(looks, "personal" if ask.past.earlier else "session")


RECENTLY_VIEWED = Placement(
    "recently_viewed", query, seeds="looked", model="returning", shows_bought=True
)
