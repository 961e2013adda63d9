"""What a cart is worth against a view: learned from what the shop's own shoppers bought.

For each shopper and product, the first event of a type counts as followed when the same shopper
bought that product within a window after it. The weight of a type is its share of followed pairs,
divided by that of views. The interval is the 2.5 and 97.5 percentile of a Poisson bootstrap over
shoppers (each shopper is drawn Poisson(1) times: Chamandy et al. 2012), since one shopper's pairs
are not independent.
"""

import numpy as np

from splitshelf.collect.quality.report import Weight
from splitshelf.core.arrays import Bools, Floats, Longs
from splitshelf.core.clock import DAY
from splitshelf.core.columns import EventColumns
from splitshelf.core.events import EVENT_CODES, EventType
from splitshelf.core.protocols import Rng

WINDOW_DAYS = 7
REPEATS = 200
FEWEST = 30
"""Followed pairs of views below which nothing can be said."""

_TYPES = (EventType.CLICK, EventType.VIEW, EventType.WISHLIST, EventType.ADD_TO_CART)
_NEVER = np.iinfo(np.int64).max


def learned_weights(columns: EventColumns, rng: Rng) -> list[Weight]:
    """The weights of clicks, views, wishes and carts; empty where views lead to too few purchases.

    A purchase has no weight of its own here: it is what the others are measured by.
    """
    pairs = columns.shopper.astype(np.int64) * (len(columns.products) + 1) + columns.product
    known = columns.product >= 0
    bought = known & (columns.type == EVENT_CODES[EventType.PURCHASE])
    counts = {kind: _followed(columns, pairs, known, bought, kind) for kind in _TYPES}
    if counts[EventType.VIEW][:, 1].sum() < FEWEST:
        return []
    draws = rng.poisson(1.0, size=(REPEATS, len(columns.shoppers))).astype(np.float64)
    view = _rates(counts[EventType.VIEW], draws)
    return [
        _weight(kind, count, _rates(count, draws), view)
        for kind, count in counts.items()
        if count[:, 0].sum()
    ]


def _followed(
    columns: EventColumns, pairs: Longs, known: Bools, bought: Bools, kind: EventType
) -> Floats:
    """float64 [shoppers, 2]: pairs with such an event, and those followed by a purchase."""
    rows = np.flatnonzero(known & (columns.type == EVENT_CODES[kind]))
    # the log is in time order, so the first of equal pairs is the oldest
    found, firsts = np.unique(pairs[rows], return_index=True)
    start = columns.at[rows[firsts]]
    after = _next_purchase(columns, pairs, bought, found, start)
    followed = after - start <= WINDOW_DAYS * DAY
    shopper = columns.shopper[rows[firsts]]
    n = len(columns.shoppers)
    sums = [np.bincount(shopper, minlength=n), np.bincount(shopper, followed, minlength=n)]
    return np.stack(sums, axis=1).astype(np.float64)


def _next_purchase(
    columns: EventColumns, pairs: Longs, bought: Bools, wanted: Longs, start: Longs
) -> Longs:
    """int64 [wanted]: when each pair bought next after its start; far away where never."""
    rows = np.flatnonzero(bought)
    order = np.lexsort((columns.at[rows], pairs[rows]))
    keys, times = pairs[rows][order], columns.at[rows][order]
    # merge the starts into the sorted purchases: the next entry of the same pair is the answer
    both = np.lexsort(
        (
            np.r_[np.ones(len(keys), np.int8), np.zeros(len(wanted), np.int8)],
            np.r_[times, start],
            np.r_[keys, wanted],
        )
    )
    place = np.empty(len(both), dtype=np.int64)
    place[both] = np.cumsum(both < len(keys))
    at = place[len(keys) :]
    inside = np.minimum(at, max(len(keys) - 1, 0))
    found = (at < len(keys)) & (keys[inside] == wanted) if len(keys) else np.zeros(len(at), bool)
    return np.where(found, times[inside] if len(keys) else _NEVER, _NEVER)


def _rates(count: Floats, draws: Floats) -> Floats:
    """float64 [repeats]: the share of followed pairs in each draw of shoppers."""
    sums = draws @ count
    return sums[:, 1] / np.maximum(sums[:, 0], 1)


def _weight(kind: EventType, count: Floats, rates: Floats, view: Floats) -> Weight:
    drawn = rates / np.maximum(view, 1e-12)
    low, high = np.percentile(drawn, [2.5, 97.5])
    share = float(count[:, 1].sum() / count[:, 0].sum())
    return Weight(
        type=str(kind),
        pairs=int(count[:, 0].sum()),
        bought=share,
        weight=float(np.median(drawn)) if kind is not EventType.VIEW else 1.0,
        low=float(low),
        high=float(high),
    )
