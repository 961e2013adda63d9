"""What a shopper did, in the codes of the artefact."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numba import njit

from splitshelf.collect.stores.walking import owner_of
from splitshelf.core.activity import Activity, steps_back
from splitshelf.core.arrays import Ints, Longs
from splitshelf.core.clock import DAY, microseconds
from splitshelf.core.events import EVENT_CODES, Event, EventType
from splitshelf.core.traces import Traces
from splitshelf.serve.names import Names, find_name

_CODES = {id(kind): code for kind, code in EVENT_CODES.items()}  # enums hash slowly
_RATING = EVENT_CODES[EventType.RATING]
_DISMISS = EVENT_CODES[EventType.DISMISS]
_PURCHASE = EVENT_CODES[EventType.PURCHASE]
_LIKED = 3.0
"""Ratings below it say that the shopper does not want the product."""
_TAKEN_BACK = 0.0
"""The rating that takes back what the shopper had said of a product."""
_WORDS = frozenset({_RATING, _DISMISS})
"""What a shopper says of a product: only the newest of them counts."""


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
    """Products that the shopper dismissed or rated badly, and did not take back: never shown."""
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
    words = _newest_words(events)
    bought: dict[int, int] = {}
    unwanted: set[int] = set()
    earlier = session is None
    for event in events:
        code = codes.get(event.product or "", -1)
        kind, at = _meaning(event, words), microseconds(event.at)
        earlier = earlier or event.session != session
        if code < 0 or kind < 0:
            continue
        if kind == _DISMISS:
            unwanted.add(code)
        elif kind == _PURCHASE:
            bought[code] = at
        if code < known:
            products.append(code)
            types.append(kind)
            times.append(at)
    activity = Activity(
        np.array(products, dtype=np.int32),
        np.array(types, dtype=np.int8),
        np.array(times, dtype=np.int64),
        np.array(steps_back(products, times), dtype=np.int32),
    )
    return Past(activity, len(events), bought, frozenset(unwanted), earlier)


def _newest_words(events: Sequence[Event]) -> dict[str | None, Event]:
    """The newest rating or dismissal of each product."""
    return {event.product: event for event in events if _CODES[id(event.type)] in _WORDS}


def _meaning(event: Event, words: Mapping[str | None, Event]) -> int:
    """The type that an event reads as; -1 for a word that was taken back or came before another."""
    kind = _CODES[id(event.type)]
    if kind not in _WORDS:
        return kind
    if words[event.product] is not event or event.value == _TAKEN_BACK:
        return -1
    return _DISMISS if event.value is not None and event.value < _LIKED else kind


def recall(traces: Traces, names: Names, known: int, session: str | None) -> Past:
    """The past that `read_past` gives of the same events, from what stores keep in fixed width."""
    if not len(traces):
        return NOTHING
    whose = np.uint64(owner_of(session)) if session is not None else np.uint64(0)
    rows = traces.view(np.int64).reshape(len(traces), -1)
    found = _recall(rows, names.slots, names.hashes, known, whose, session is None)
    products, types, times, steps, unwanted, bought, bought_at, earlier = found
    activity = Activity(products, types, times, steps)
    last = dict(zip(bought.tolist(), bought_at.tolist(), strict=True)) if len(bought) else {}
    return Past(activity, len(traces), last, frozenset(unwanted.tolist()), earlier)


@njit(cache=True, nogil=True)
def _recall(rows, slots, hashes, known, whose, earlier):  # noqa: ANN001, ANN202, PLR0917 (numba infers; see TRACE and Names)
    size = len(rows)
    values = rows.view(np.float64)
    products, types = np.empty(size, dtype=np.int32), np.empty(size, dtype=np.int8)
    times = np.empty(size, dtype=np.int64)
    unwanted, bought = np.empty(size, dtype=np.int32), np.empty(size, dtype=np.int32)
    bought_at = np.empty(size, dtype=np.int64)
    kept = away = lines = 0
    for row in range(size):
        at, kind = rows[row, 0], _read_as(rows, values, row)
        code = find_name(slots, hashes, np.uint64(rows[row, 2]))
        earlier = earlier or np.uint64(rows[row, 3]) != whose
        if code < 0 or kind < 0:
            continue
        if kind == _DISMISS:
            unwanted[away] = code
            away += 1
        elif kind == _PURCHASE:
            bought[lines], bought_at[lines] = code, at
            lines += 1
        if code < known:
            products[kept], types[kept], times[kept] = code, kind, at
            kept += 1
    steps = turns(products[:kept], times[:kept])
    return (
        products[:kept],
        types[:kept],
        times[:kept],
        steps,
        unwanted[:away],
        bought[:lines],
        bought_at[:lines],
        earlier,
    )


@njit(cache=True, nogil=True)
def _read_as(rows, values, row):  # noqa: ANN001, ANN202 (numba infers)
    """The type that an event reads as; -1 for a word that was taken back or came before another."""
    kind = rows[row, 1]
    if kind not in (_RATING, _DISMISS):
        return kind
    for later in range(row + 1, len(rows)):
        if rows[later, 2] == rows[row, 2] and rows[later, 1] in (_RATING, _DISMISS):
            return -1
    if kind == _RATING and values[row, 4] == _TAKEN_BACK:
        return -1
    return _DISMISS if kind == _RATING and values[row, 4] < _LIKED else kind


@njit(cache=True, nogil=True)
def turns(products: Ints, times: Longs) -> Ints:
    """What `activity.steps_back` gives, int32 [m]."""
    size = len(products)
    steps = np.empty(size, dtype=np.int32)
    step, newest = -1, np.int64(0)
    for event in range(size - 1, -1, -1):
        later = event + 1
        while later < size and products[later] != products[event]:
            later += 1
        if later < size:
            steps[event] = steps[later]
        else:
            step += step < 0 or times[event] != newest
            newest = times[event]
            steps[event] = step
    return steps


def bought_since(past: Past, now: datetime, days: int) -> set[int]:
    """The codes bought within the last days."""
    if not past.bought:
        return set()
    since = microseconds(now) - days * DAY
    return {code for code, at in past.bought.items() if at > since}
