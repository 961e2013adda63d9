"""Retention: events and exposures that have reached the age that the shop has set are removed."""

import logging
import threading
from contextlib import suppress
from datetime import datetime, timedelta

import msgspec

from splitshelf.core.clock import Clock
from splitshelf.core.errors import Unavailable
from splitshelf.core.protocols import Store

log = logging.getLogger("splitshelf.collect")

_KIND, _NAME = "upkeep", "retention"
_EVERY = timedelta(hours=23)
"""How long after one run the next may follow, whichever process did it."""
_GLANCE = 600.0
"""Seconds between two looks at whether it is time."""


class Removal(msgspec.Struct, frozen=True):
    """What retention did last, and in all."""

    at: datetime
    """When it ran last."""
    before: datetime | None = None
    """What was older than this is gone; None where nothing ever had to go."""
    removed: int = 0
    """Events and exposures that the last run removed."""
    total: int = 0
    """Those of all runs."""


def last_removal(store: Store) -> Removal | None:
    """What retention did last; None where it never ran."""
    body = store.document(_KIND, _NAME)
    return None if body is None else msgspec.json.decode(body, type=Removal)


def expire_old(store: Store, now: datetime, days: int) -> Removal:
    """What was removed: everything older than so many days, from the log to the histories."""
    before = now - timedelta(days=days)
    earlier = last_removal(store)
    removed = store.expire(before)
    total = removed + (earlier.total if earlier else 0)
    removal = Removal(at=now, before=before, removed=removed, total=total)
    store.put_document(_KIND, _NAME, msgspec.json.encode(removal))
    log.info("retention: %d events and exposures older than %d days removed", removed, days)
    return removal


class Retention:
    """A thread that removes what is too old once a day, in one of the processes of a store."""

    def __init__(self, store: Store, clock: Clock, days: int) -> None:
        """`days` is the age that is kept; 0 keeps everything."""
        self._store = store
        self._clock = clock
        self._days = days
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="retention", daemon=True)

    def start(self) -> None:
        """Look from now on whether it is time."""
        if self._days:
            self._thread.start()

    def close(self) -> None:
        """Finish what runs, and stop."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def once(self) -> Removal | None:
        """What was removed; None where it is not time yet."""
        earlier = last_removal(self._store)
        now = self._clock()
        if earlier is not None and now - earlier.at < _EVERY:
            return None
        return expire_old(self._store, now, self._days)

    def _run(self) -> None:
        while True:
            with suppress(Unavailable):  # the store is away: the next look finds it again
                self.once()
            if self._closing.wait(_GLANCE):
                return
