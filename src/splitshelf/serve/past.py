"""What a shopper did, in the codes of the artefact."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from splitshelf.core.activity import Activity, steps_of
from splitshelf.core.clock import DAY, microseconds
from splitshelf.core.events import EVENT_CODES, Event, EventType

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
    coded = [(codes.get(event.product or "", known), event) for event in events]
    return Past(
        activity=_activity([pair for pair in coded if pair[0] < known]),
        seen=len(events),
        bought={
            code: microseconds(event.at)
            for code, event in coded
            if event.type is EventType.PURCHASE
        },
        unwanted=frozenset(code for code, event in coded if _unwanted(event)),
        earlier=session is None or any(event.session != session for event in events),
    )


def bought_since(past: Past, now: datetime, days: int) -> set[int]:
    """The codes bought within the last days."""
    since = microseconds(now) - days * DAY
    return {code for code, at in past.bought.items() if at > since}


def _activity(coded: Sequence[tuple[int, Event]]) -> Activity:
    count = len(coded)
    products = np.fromiter((code for code, _ in coded), np.int32, count)
    types = np.fromiter((_kind(event) for _, event in coded), np.int8, count)
    times = np.fromiter((microseconds(event.at) for _, event in coded), np.int64, count)
    return Activity(products, types, times, steps_of(products, times))


def _kind(event: Event) -> int:
    return EVENT_CODES[EventType.DISMISS if _unwanted(event) else event.type]


def _unwanted(event: Event) -> bool:
    if event.type is EventType.DISMISS:
        return True
    return event.type is EventType.RATING and (event.value or _LIKED) < _LIKED
