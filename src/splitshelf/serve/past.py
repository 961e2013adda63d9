"""What a shopper did, in the codes of the artefact."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from splitshelf.core.activity import Activity, steps_back
from splitshelf.core.clock import DAY, microseconds
from splitshelf.core.events import EVENT_CODES, Event, EventType

_CODES = {id(kind): code for kind, code in EVENT_CODES.items()}  # enums hash slowly
_RATING = EVENT_CODES[EventType.RATING]
_DISMISS = EVENT_CODES[EventType.DISMISS]
_PURCHASE = EVENT_CODES[EventType.PURCHASE]
_LIKED = 3.0
"""Ratings below it say that the shopper does not want the product."""


@dataclass(frozen=True, slots=True)
class Past:
    """The history that one ranking reads."""

    activity: Activity
    """The events whose product the models know; a bad rating reads as a dismissal."""
    seen: int
    """How many events were read, known product or not."""
    bought: Mapping[int, int]
    """The newest purchase of each product, microseconds UTC, by code."""
    unwanted: frozenset[int]
    """Products that the shopper dismissed or rated badly: never shown again."""
    earlier: bool
    """Whether some of it happened before the session that asks."""


NOTHING = Past(Activity.of(np.empty(0, np.int32)), 0, {}, frozenset(), earlier=False)


def read_past(
    events: Sequence[Event], codes: Mapping[str, int], known: int, session: str | None
) -> Past:
    """The past in codes; `known` is how many of them the models understand."""
    if not events:
        return NOTHING
    products, types, times = [], [], []
    bought: dict[int, int] = {}
    unwanted: set[int] = set()
    earlier = session is None
    for event in events:
        code = codes.get(event.product or "", known)
        kind, at = _CODES[id(event.type)], microseconds(event.at)
        if kind == _RATING and (event.value or _LIKED) < _LIKED:
            kind = _DISMISS
        if kind == _DISMISS:
            unwanted.add(code)
        elif kind == _PURCHASE:
            bought[code] = at
        if code < known:
            products.append(code)
            types.append(kind)
            times.append(at)
        earlier = earlier or event.session != session
    activity = Activity(
        np.array(products, dtype=np.int32),
        np.array(types, dtype=np.int8),
        np.array(times, dtype=np.int64),
        np.array(steps_back(products, times), dtype=np.int32),
    )
    return Past(activity, len(events), bought, frozenset(unwanted), earlier)


def bought_since(past: Past, now: datetime, days: int) -> set[int]:
    """The codes bought within the last days."""
    if not past.bought:
        return set()
    since = microseconds(now) - days * DAY
    return {code for code, at in past.bought.items() if at > since}
