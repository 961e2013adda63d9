"""A shopper's newest acts, out of the runs on disk and the tail in memory."""

from collections.abc import Iterable, Sequence
from operator import attrgetter

import numpy as np

from splitshelf.collect.stores.bodies import decode, join
from splitshelf.collect.stores.lookup import ALL, Found, Places, find, placed
from splitshelf.collect.stores.memory import Past
from splitshelf.collect.stores.runs import Run
from splitshelf.collect.stores.tail import Act
from splitshelf.collect.stores.traces import read_traces
from splitshelf.collect.stores.walking import owner_of
from splitshelf.core.arrays import Bools
from splitshelf.core.clock import microseconds
from splitshelf.core.events import Event
from splitshelf.core.traces import Traces

_AT = attrgetter("at")


def newest(past: Past, limit: int) -> list[Event]:
    """The newest events of the first shopper, oldest first, at most `limit`."""
    shopper, tail = past.tails[0]
    count, bodies = _gathered(past.places, shopper, tail, limit)
    own = [event for event in decode(count, bodies) if event.shopper == shopper]
    if len(own) < count and limit < ALL:  # another shopper has the same hash
        return newest(past, ALL)[-limit:]
    return in_time(own)[-limit:]


def newest_traces(past: Past, limit: int) -> list[Traces]:
    """The same of each shopper, in fixed width."""
    return read_traces(past.places, past.tails, limit)


def not_of(run: Run, shopper: str) -> Bools:
    """Which acts of a run are not of a shopper, bool [acts]."""
    owners, firsts, *_ = run.acts
    wanted = np.ones(len(run.acts.times), dtype=np.bool_)
    owner = np.uint64(owner_of(shopper))
    place = int(owners.searchsorted(owner))
    if place < len(owners) and owners[place] == owner:
        events = decode(*find(placed((run,)), shopper.encode(), ALL, 0, ALL))
        wanted[firsts[place] : firsts[place + 1]] = [one.shopper != shopper for one in events]
    return wanted


def in_time(events: Iterable[Event]) -> list[Event]:
    """The events by time; of the same moment, in the order given."""
    return sorted(events, key=_AT)


def _gathered(places: Places, shopper: str, tail: Sequence[Act], limit: int) -> Found:
    """The newest acts of the owners of a hash: at least `limit`, where there are so many."""
    since = microseconds(tail[0][0]) if tail else ALL
    count, bodies = find(places, shopper.encode(), limit, len(tail), since)
    if not tail:
        return Found(count, bodies)
    return Found(count + len(tail), join([bodies, *(body for _, body in tail)]))
