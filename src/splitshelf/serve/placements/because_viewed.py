"""What goes with the product that the shopper looked at last."""

import numpy as np

from splitshelf.core.activity import Activity
from splitshelf.core.events import EVENT_CODES, EventType
from splitshelf.serve.placement import Ask, Placement, Query, nothing

_LOOKS = [EVENT_CODES[EventType.VIEW], EVENT_CODES[EventType.CLICK]]


def query(ask: Ask) -> Query:
    """The newest look alone; a product that the page names instead, where it names one."""
    past = ask.past.activity
    looks = np.isin(past.types, _LOOKS)
    if len(ask.seeds):
        looks &= past.products == ask.seeds[0]
    if not looks.any():
        return nothing()
    newest = int(np.flatnonzero(looks)[-1])
    here = slice(newest, newest + 1)
    steps = np.zeros(1, dtype=np.int32)
    activity = Activity(past.products[here], past.types[here], past.times[here], steps)
    return Query(activity, "product", cited=int(past.products[newest]))


BECAUSE_VIEWED = Placement("because_viewed", query)
