"""The event log: batches in the order of arrival, the ids seen, a history a shopper."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

import msgspec

from splitshelf.collect.stores.columns import columns_of
from splitshelf.collect.stores.database import Database, Session
from splitshelf.collect.stores.exposures import EARLIEST, LATEST
from splitshelf.collect.stores.histories import (
    KEPT,
    Act,
    History,
    decode,
    is_act,
    merge,
    pack,
    unpack,
)
from splitshelf.core.clock import microseconds
from splitshelf.core.columns import EventColumns
from splitshelf.core.events import Event

_ENCODE = msgspec.msgpack.Encoder().encode
_DECODE = msgspec.msgpack.Decoder(list[Event]).decode


class EventTables:
    """The log as one row a batch, so that a batch of hundreds costs little more than one event."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, events: Sequence[Event]) -> int:
        """How many of the events were new; durable when it returns. All or nothing."""
        with self._database.writing() as session:
            sql = "INSERT INTO event_ids VALUES (?) ON CONFLICT DO NOTHING"
            fresh = [event for event in events if session.run(sql, event.id)]
            if fresh:
                times = [microseconds(event.at) for event in fresh]
                session.run(
                    "INSERT INTO batches (events, first_at, last_at, body) VALUES (?, ?, ?, ?)",
                    len(fresh),
                    min(times),
                    max(times),
                    _ENCODE(fresh),
                )
                session.run(
                    "UPDATE counters SET value = value + ? WHERE name = 'events'", len(fresh)
                )
                _remember(session, fresh)
        return len(fresh)

    def history(self, shopper: str, limit: int) -> Sequence[Event]:
        """The shopper's newest acts, oldest first, at most `limit`."""
        rows = self._database.rows("SELECT body FROM histories WHERE shopper = ?", shopper)
        if not rows:
            return []
        acts = unpack(rows[0][0]).acts
        if len(acts) == KEPT < limit:
            return self._walk(shopper, limit)
        return decode([act.body for act in acts[-limit:]])

    def scan(self, since: datetime | None, until: datetime | None) -> EventColumns:
        """All events with since <= at < until."""
        return columns_of(self._between(since, until))

    def latest(self, limit: int) -> Sequence[Event]:
        """The events that arrived last, newest first."""
        return list(islice(self._backwards(), limit))

    def count(self) -> int:
        """How many events there are."""
        return self._database.rows("SELECT value FROM counters WHERE name = 'events'")[0][0]

    def _walk(self, shopper: str, limit: int) -> Sequence[Event]:
        """The same as history, from the log itself: slow, but without end."""
        acts = [e for e in self._between(None, None) if e.shopper == shopper and is_act(e)]
        return sorted(acts, key=lambda event: event.at)[-limit:]

    def _between(self, since: datetime | None, until: datetime | None) -> Iterator[Event]:
        low = EARLIEST if since is None else microseconds(since)
        high = LATEST if until is None else microseconds(until)
        sql = (
            "SELECT seq, body FROM batches WHERE seq > ? AND last_at >= ? AND first_at < ?"
            " ORDER BY seq LIMIT 200"
        )
        seq = 0
        while rows := self._database.rows(sql, seq, low, high):
            for seq, body in rows:  # noqa: B007 (the last one is where the next page starts)
                yield from (e for e in _DECODE(body) if low <= microseconds(e.at) < high)

    def _backwards(self) -> Iterator[Event]:
        sql = "SELECT seq, body FROM batches WHERE seq < ? ORDER BY seq DESC LIMIT 50"
        seq = LATEST
        while rows := self._database.rows(sql, seq):
            for seq, body in rows:  # noqa: B007 (the last one is where the next page starts)
                yield from reversed(_DECODE(body))


def _remember(session: Session, events: Sequence[Event]) -> None:
    """Add the acts among the events to the histories of their shoppers."""
    fresh: dict[str, list[Act]] = {}
    for event in filter(is_act, events):
        fresh.setdefault(event.shopper, []).append(Act(microseconds(event.at), _ENCODE(event)))
    for shopper, acts in fresh.items():
        rows = session.rows("SELECT body FROM histories WHERE shopper = ?", shopper)
        old = unpack(rows[0][0]).acts if rows else []
        session.run(
            "INSERT INTO histories VALUES (?, ?)"
            " ON CONFLICT (shopper) DO UPDATE SET body = excluded.body",
            shopper,
            pack(History(0, merge(old, acts))),
        )
