"""The event log: batches in the order of arrival, the ids seen, a history a shopper.

An append writes one row for its events and nothing else; histories and known ids follow in bulk
(`docs/decisions/0101`). What they lack is in memory, and every read makes sure, by the number of
the newest batch, that it misses nothing that any process acknowledged.
"""

import threading
from collections.abc import Iterator, Sequence
from itertools import islice

from splitshelf.collect.stores.bodies import decode, encode, is_act, join
from splitshelf.collect.stores.database import Database, Session
from splitshelf.collect.stores.exposures import LATEST
from splitshelf.collect.stores.histories import KEPT, Folding, history_of, in_time, newest
from splitshelf.collect.stores.known_ids import RUN, KnownIds, hash_id
from splitshelf.collect.stores.memory import Batch, Memory, Written
from splitshelf.collect.stores.scanning import Scans
from splitshelf.collect.stores.tail import Tail, partition
from splitshelf.core.clock import microseconds
from splitshelf.core.events import Event

FOLD = 131_072
"""Acts in memory (some 30 MB) before a sixteenth of them is folded into the histories."""
_ROW = 512
"""Events in one row at most."""
_COUNT = """
SELECT coalesce((SELECT total FROM batches ORDER BY seq DESC LIMIT 1), 0) - value
FROM counters WHERE name = 'removed'
"""
_INSERT = (
    "INSERT INTO batches (seq, events, total, first_at, last_at, body) VALUES (?, ?, ?, ?, ?, ?)"
)
_HISTORY = """
SELECT (SELECT max(seq) FROM batches), (SELECT value FROM counters WHERE name = 'epoch'), f.seq,
    h.events, h.cut, h.ordered, h.sizes, h.body
FROM folds f LEFT JOIN histories h ON h.shopper = ? WHERE f.partition = ?
"""


class EventTables:
    """The log on one database; any thread may call it."""

    def __init__(self, database: Database, memory: Memory, scans: Scans) -> None:
        self._database = database
        self._scans = scans
        self._folding = Folding(database.dialect)
        self._memory = memory
        self._appending = threading.Lock()

    def append(self, events: Sequence[Event]) -> int:
        """How many of the events were new; durable when it returns. All or nothing."""
        bodies = list(map(encode, events))
        hashes = [hash_id(event.id) for event in events]
        with self._appending:
            with self._database.writing() as session:
                tail, known, total = self._memory.ready(session)
                fresh = known.fresh(hashes)
                if not fresh:
                    return 0
                if len(fresh) < len(events):
                    events = [events[i] for i in fresh]
                    bodies = [bodies[i] for i in fresh]
                    hashes = [hashes[i] for i in fresh]
                written = Written(_insert(session, tail.seq, total, events, bodies), hashes)
                self._tidy(session, tail, known, written)
            self._memory.take_in(written)
        return len(events)

    def history(self, shopper: str, limit: int) -> Sequence[Event]:
        """The shopper's newest acts, oldest first, at most `limit`."""
        number = partition(shopper)
        while True:
            seq, epoch, acts = self._memory.acts(shopper)
            last, now, mark, *columns = self._database.rows(_HISTORY, shopper, number)[0]
            if now == epoch and (last or 0) <= seq:
                break
            self._memory.catch_up()
        history = history_of(columns)
        if history and history.cut and limit > KEPT:
            return self._walk(shopper, limit)
        return newest(history, acts.after(mark), limit)

    def latest(self, limit: int) -> Sequence[Event]:
        """The events that arrived last, newest first."""
        return list(islice(self._backwards(), limit))

    def count(self) -> int:
        """How many events there are."""
        return self._database.rows(_COUNT)[0][0]

    def _tidy(self, session: Session, tail: Tail, known: KnownIds, written: Written) -> None:
        """Fold what the memory holds too much of; in the same transaction, so never half."""
        if known.count + len(written.hashes) >= RUN:
            written.run = known.run(written.hashes)
            session.run("INSERT INTO id_runs VALUES (?, ?)", written.seq, written.run)
        if tail.count >= FOLD:
            written.fold = (tail.oldest(), tail.seq)
            self._folding.fold(session, tail.partition(written.fold[0]))
            session.run("UPDATE folds SET seq = ? WHERE partition = ?", tail.seq, tail.oldest())

    def _walk(self, shopper: str, limit: int) -> Sequence[Event]:
        """The same as history, from the log itself: slow, but without end."""
        acts = (e for e in self._scans.events(0) if e.shopper == shopper and is_act(e))
        return in_time(acts)[-limit:]

    def _backwards(self) -> Iterator[Event]:
        sql = "SELECT seq, events, body FROM batches WHERE seq < ? ORDER BY seq DESC LIMIT 20"
        seq = LATEST
        while rows := self._database.rows(sql, seq):
            for seq, count, body in rows:  # noqa: B007 (the last one is where the next page starts)
                yield from reversed(decode(count, body))


def _insert(
    session: Session, seq: int, total: int, events: Sequence[Event], bodies: Sequence[bytes]
) -> list[Batch]:
    """The batches that the events became, in rows after `seq`."""
    batches = []
    for start in range(0, len(events), _ROW):
        batch = Batch(seq + 1, events[start : start + _ROW], bodies[start : start + _ROW])
        times = [event.at for event in batch.events]
        first, last = microseconds(min(times)), microseconds(max(times))
        seq, total = batch.seq, total + len(times)
        session.run(_INSERT, seq, len(times), total, first, last, join(batch.bodies))
        batches.append(batch)
    return batches
