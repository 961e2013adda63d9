"""Next basket: what is in a shopper's next order, repeats included."""

import numpy as np

from splitshelf.core.arrays import Longs
from splitshelf.core.errors import InputError
from splitshelf.core.events import EVENT_CODES, EventType
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.evaluation.questions import Questions, Split, distinct

SHARE = 0.2
_PURCHASE = EVENT_CODES[EventType.PURCHASE]


def next_basket(dataset: Dataset, share: float = SHARE) -> Split:
    """Orders of the newest `share` of purchases are the future; the first of each shopper is asked.

    The query is every purchase before; nothing is masked, because shoppers buy again.
    """
    bought = dataset.select(dataset.types == _PURCHASE)
    if len(bought) == 0:
        raise InputError("Next basket needs purchases, and there are none; import some first.")
    cut = int(np.quantile(bought.times, 1 - share, method="lower"))
    past = bought.before(cut)
    stops = bought.offsets[:-1] + np.diff(past.offsets)
    shoppers = bought.shoppers().astype(np.int64)
    basket = basket_numbers(bought)
    first = np.append(basket, -1)[np.minimum(stops, len(basket))]
    wanted = (bought.times >= cut) & (basket == first[shoppers])
    relevant, offsets = distinct(shoppers[wanted], bought.products[wanted], bought.n_shoppers)
    questions = Questions(
        source=bought,
        starts=bought.offsets[:-1],
        stops=stops,
        relevant=relevant,
        offsets=offsets,
        units=np.arange(bought.n_shoppers),
        asked_at_stops=True,
        mask_seen=False,
    )
    asked = (np.diff(offsets) > 0) & (stops > questions.starts)
    if not asked.any():
        raise InputError("Next basket needs a shopper with two orders; there is none.")
    words = (
        f"next basket: learn from the oldest {1 - share:.0%} of purchases, be asked for each known "
        "shopper's next order; full ranking, nothing masked, ties count against the model"
    )
    return Split(words, past, questions.take(asked))


def basket_numbers(dataset: Dataset) -> Longs:
    """int64 [m]: a number for each order; where the shop names none, each session is one."""
    named = dataset.orders.astype(np.int64)
    return np.where(named >= 0, named, named.max(initial=-1) + 1 + dataset.sessions)
