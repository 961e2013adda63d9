"""A shopper's newest acts, out of the runs on disk and the tail in memory."""

from collections.abc import Iterable, Sequence
from operator import attrgetter

import numpy as np

from splitshelf.collect.stores.bodies import decode, join
from splitshelf.collect.stores.runs import Run
from splitshelf.collect.stores.walking import owner_of
from splitshelf.core.arrays import Bools
from splitshelf.core.clock import microseconds
from splitshelf.core.events import Event

_ALL = 2**62
_AT = attrgetter("at")


def newest(runs: Sequence[Run], bodies: Sequence[bytes], shopper: str, limit: int) -> list[Event]:
    """The newest events of some runs and a tail together, oldest first, at most `limit`."""
    found = in_time(decode(len(bodies), join(bodies)))[-limit:]
    owner = owner_of(shopper) if runs else 0
    for run in reversed(runs):
        if len(found) < limit or microseconds(found[0].at) < run.last_at:
            older = acts_of(run, owner, shopper, limit)
            found = in_time([*older, *found])[-limit:] if older else found
    return found


def acts_of(run: Run, owner: int, shopper: str, limit: int = _ALL) -> list[Event]:
    """A shopper's newest acts in a run, by time."""
    count, body = run.newest(owner, limit)
    acts = decode(count, body) if count else []
    own = [event for event in acts if event.shopper == shopper]
    if len(own) < count and limit < _ALL:  # another shopper has the same hash
        return acts_of(run, owner, shopper)[-limit:]
    return own


def not_of(run: Run, shopper: str) -> Bools:
    """Which acts of a run are not of a shopper, bool [acts]."""
    owners, firsts, *_ = run.acts
    wanted = np.ones(len(run.acts.times), dtype=np.bool_)
    owner = np.uint64(owner_of(shopper))
    place = int(owners.searchsorted(owner))
    if place < len(owners) and owners[place] == owner:
        events = decode(*run.newest(int(owner), _ALL))
        wanted[firsts[place] : firsts[place + 1]] = [one.shopper != shopper for one in events]
    return wanted


def in_time(events: Iterable[Event]) -> list[Event]:
    """The events by time; of the same moment, in the order given."""
    return sorted(events, key=_AT)
