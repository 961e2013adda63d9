"""The event log: batches in the order of arrival, the ids seen, a history a shopper.

An append writes one row for its events and nothing else; histories are sorted out of the log beside
it (`docs/decisions/0101`). What they lack is in memory, and every read makes sure, by the number of
the newest batch, that it misses nothing that any process acknowledged.
"""

import threading
from collections.abc import Iterator, Sequence
from itertools import islice

from splitshelf.collect.stores import memory as remembering
from splitshelf.collect.stores.background import Background
from splitshelf.collect.stores.bodies import decode, encode_all
from splitshelf.collect.stores.database import Database, Session
from splitshelf.collect.stores.exposures import LATEST
from splitshelf.collect.stores.histories import newest, newest_traces
from splitshelf.collect.stores.known_ids import RUN, Hashes, KnownIds, hash_ids
from splitshelf.collect.stores.memory import Memory, Past, Written
from splitshelf.collect.stores.tail import Batch
from splitshelf.core.clock import microseconds
from splitshelf.core.events import Event
from splitshelf.core.traces import Traces

_ROW = 512
"""Events in one row at most."""
_COUNT = """
SELECT coalesce((SELECT total FROM batches ORDER BY seq DESC LIMIT 1), 0) - value
FROM counters WHERE name = 'removed'
"""
_INSERT = (
    "INSERT INTO batches (seq, events, total, first_at, last_at, body) VALUES (?, ?, ?, ?, ?, ?)"
)
_INSERT_NEXT = """
INSERT INTO batches (seq, events, total, first_at, last_at, body) SELECT ?, ?, ?, ?, ?, ?
WHERE {alone} ON CONFLICT (seq) DO NOTHING
"""
_NEWEST = """
SELECT coalesce((SELECT max(seq) FROM batches), 0), value FROM counters WHERE name = 'epoch'
"""


class EventTables:
    """The log on one database; any thread may call it."""

    def __init__(self, database: Database, memory: Memory) -> None:
        self._database = database
        self._memory = memory
        self._folding = Background(memory.fold, "histories")
        self._appending = threading.Lock()
        self._insert_next = _INSERT_NEXT.format_map(database.dialect)

    def append(self, events: Sequence[Event]) -> int:
        """How many of the events were new; durable when it returns. All or nothing."""
        rows = list(_rows(events))
        hashes = hash_ids([event.id for event in events])
        with self._appending:
            written = self._next(rows, hashes) or self._written(events, rows, hashes)
            if written is None:
                return 0
            self._memory.take_in(written)
        self._fold()
        return len(written.hashes)

    def _next(self, rows: Sequence["_Row"], hashes: Hashes) -> Written | None:
        """What became of one row of new events: a single statement, as nearly all appends are.

        It writes nothing where another process has written the next batch already. None then, and
        where more is to be known or written.
        """
        expected = self._memory.expected(hashes, RUN) if len(rows) == 1 else None
        if expected is None:
            return None
        seq, total = expected
        count, first, last, body = rows[0]
        sql, batch = self._insert_next, Batch(seq + 1, count, body)
        if not self._database.run(sql, batch.seq, count, total + count, first, last, body):
            return None
        return Written([batch], hashes)

    def _written(
        self, events: Sequence[Event], rows: Sequence["_Row"], hashes: Hashes
    ) -> Written | None:
        """What became of the events that are new; None where none is."""
        with self._database.writing() as session:
            seq, known, total = self._memory.ready(session)
            fresh = known.fresh(hashes)
            if not len(fresh):
                return None
            if len(fresh) < len(events):
                events = [events[i] for i in fresh.tolist()]
                rows, hashes = list(_rows(events)), hashes[fresh]
            written = Written(_insert(session, seq, total, rows), hashes)
            _put_down_ids(session, known, written)
        return written

    def history(self, shopper: str, limit: int) -> Sequence[Event]:
        """The shopper's newest acts, oldest first, at most `limit`."""
        return newest(self._past([shopper], limit), limit)

    def traces(self, shopper: str, limit: int) -> Traces:
        """The same acts in fixed width."""
        return self.traces_of([shopper], limit)[0]

    def traces_of(self, shoppers: Sequence[str], limit: int) -> Sequence[Traces]:
        """The traces of each of some shoppers, read at one moment."""
        return newest_traces(self._past(shoppers, limit), limit)

    def latest(self, limit: int) -> Sequence[Event]:
        """The events that arrived last, newest first."""
        return list(islice(self._backwards(), limit))

    def count(self) -> int:
        """How many events there are."""
        return self._database.rows(_COUNT)[0][0]

    def settle(self) -> None:
        """Return once the histories are sorted as far as they are to be."""
        self._memory.fold()

    def close(self) -> None:
        """Finish what runs in the background."""
        self._folding.close()

    def _past(self, shoppers: Sequence[str], limit: int) -> Past:
        """What shoppers did, up to the newest batch of any process."""
        while True:
            past = self._memory.past(shoppers, limit)
            seq, epoch = self._database.rows(_NEWEST)[0]
            if epoch == past.epoch and seq <= past.seq:
                return past
            self._memory.catch_up()
            self._fold()

    def _fold(self) -> None:
        """Have what is pending sorted; whoever is too fast for that waits for it."""
        pending = self._memory.pending
        if pending >= 4 * remembering.FOLD:
            self._memory.fold()
        elif pending >= remembering.FOLD:
            self._folding.ask()

    def _backwards(self) -> Iterator[Event]:
        sql = "SELECT seq, events, body FROM batches WHERE seq < ? ORDER BY seq DESC LIMIT 20"
        seq = LATEST
        while rows := self._database.rows(sql, seq):
            for seq, count, body in rows:  # noqa: B007 (the last one is where the next page starts)
                yield from reversed(decode(count, body))


_Row = tuple[int, int, int, bytes]
"""How many events, the first and the last moment, the bodies."""


def _rows(events: Sequence[Event]) -> Iterator[_Row]:
    """The rows that the events become."""
    for start in range(0, len(events), _ROW):
        part = events[start : start + _ROW]
        times = sorted(
            [event.at for event in part]
        )  # they are in order mostly: one comparison each
        yield len(part), microseconds(times[0]), microseconds(times[-1]), encode_all(part)


def _insert(session: Session, seq: int, total: int, rows: Sequence[_Row]) -> list[Batch]:
    """The batches that the rows became, after `seq`."""
    batches = []
    for count, first, last, body in rows:
        seq, total = seq + 1, total + count
        session.run(_INSERT, seq, count, total, first, last, body)
        batches.append(Batch(seq, count, body))
    return batches


def _put_down_ids(session: Session, known: KnownIds, written: Written) -> None:
    """Put the newest ids down as one run where they have become many."""
    if known.count + len(written.hashes) >= RUN:
        written.run = known.run(written.hashes)
        session.run("INSERT INTO id_runs VALUES (?, ?)", written.batches[-1].seq, written.run)
