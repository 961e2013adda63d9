"""A request as it was, from its exposure: what replay and `explain` rebuild slates from."""

from collections.abc import Callable, Sequence
from datetime import datetime

from splitshelf.core.context import Context
from splitshelf.core.events import Event
from splitshelf.core.requests import ShelfRequest
from splitshelf.core.slates import Exposure

Read = Callable[[str, int], Sequence[Event]]
"""A shopper's newest acts, oldest first, at most so many."""

_AT_HAND = 200
"""Events that stores keep within one read."""


def request_of(exposure: Exposure) -> ShelfRequest:
    """The request that an exposure answered."""
    return ShelfRequest(
        id=exposure.id,
        shopper=exposure.shopper,
        placement=exposure.placement,
        context=exposure.context or Context(at=exposure.at),
        n=max(1, len(exposure.slate)),
        seeds=exposure.seeds,
        exclude=exposure.exclude,
        products=exposure.products,
        session=exposure.session,
    )


def history_then(read: Read, shopper: str, at: datetime, seen: int) -> Sequence[Event]:
    """The events that a ranking read: the newest `seen` of those that had happened by then.

    Events that arrived late, with a time before the request, cannot be told from those that were
    there; the scores then differ from the logged ones, which `explain` says.
    """
    if not seen:
        return ()
    limit = max(seen, _AT_HAND)
    while True:
        newest = read(shopper, limit)
        events = [event for event in newest if event.at <= at]
        if len(events) >= seen or len(newest) < limit:
            return events[-seen:]
        limit *= 8
