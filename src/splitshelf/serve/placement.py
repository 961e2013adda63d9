"""What a placement is: a spot in the shop, and how it turns what is known into a query."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from splitshelf.core.activity import Activity
from splitshelf.core.arrays import Bools, Ints
from splitshelf.core.events import EVENT_CODES, EventType
from splitshelf.serve.given import Give
from splitshelf.serve.past import Past


@dataclass(frozen=True, slots=True)
class Ask:
    """What a placement may read."""

    past: Past
    seeds: Ints
    """int32: the products that the page is about, in codes that the models know."""
    at: int
    """Microseconds UTC."""


@dataclass(frozen=True, slots=True)
class Query:
    """What the model is asked."""

    activity: Activity
    stage: str
    """Which stage this is when the model answers: personal, session, product or popular."""
    cited: int = -1
    """The product that the title names; -1 for none."""


@dataclass(frozen=True, slots=True)
class Placement:
    """One spot in the shop."""

    name: str
    query: Callable[[Ask], Query]
    seeds: str = ""
    """The reason (see words.TEXTS) that cites a seed; empty where the past is cited."""
    others: str = ""
    """The reason that cites a seed where enough shoppers stand behind it; see words.TEXTS."""
    model: str = ""
    """The model that answers whatever the policy, where this shelf needs a certain one."""
    shows_bought: bool = False
    """Whether what was bought lately may stand here."""
    give: Give | None = None
    """What the shelf is made of, where that is not what the model puts forward."""
    listed: bool = False
    """Whether the request must send the list that is re-ranked."""
    siblings: bool = False
    """Whether another variant of a seed is an answer: else its page offers that already."""
    debuts: bool = False
    """Whether its last place may go to what is new, by `serve.new_share`."""
    complements: bool = False
    """Whether products of the same category as a seed are no answer."""


def history(ask: Ask) -> Query:
    """All that the shopper did."""
    if not len(ask.past.activity):
        return of_seeds(ask, EventType.VIEW)
    return Query(ask.past.activity, "personal" if ask.past.earlier else "session")


def taste(ask: Ask) -> Query:
    """All that the shopper did, for a shelf whose products are given; maybe nothing."""
    if not len(ask.past.activity):
        return Query(ask.past.activity, "product")
    return Query(ask.past.activity, "personal" if ask.past.earlier else "session")


def of_seeds(ask: Ask, kind: EventType) -> Query:
    """The page's products alone, as if each had just been done `kind` to."""
    count = len(ask.seeds)
    types = np.full(count, EVENT_CODES[kind], dtype=np.int8)
    times = np.full(count, ask.at, dtype=np.int64)
    steps = np.zeros(count, dtype=np.int32)
    activity = Activity(ask.seeds, types, times, steps)
    return Query(activity, "product" if count else "popular")


def nothing() -> Query:
    """No evidence: what everybody likes."""
    return Query(Activity.of(np.empty(0, np.int32)), "popular")


def only(activity: Activity, these: Bools) -> Activity:
    """Some events of an activity; their steps stay."""
    return Activity(
        activity.products[these],
        activity.types[these],
        activity.times[these],
        activity.steps[these],
    )
