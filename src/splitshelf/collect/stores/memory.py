"""What a process remembers of the log: the acts not yet folded, and the ids that are known."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from splitshelf.collect.stores.bodies import decode, ids, split
from splitshelf.collect.stores.database import Database, Session
from splitshelf.collect.stores.known_ids import KnownIds, hash_id
from splitshelf.collect.stores.tail import Acts, Tail
from splitshelf.core.events import Event

_STATE = """
SELECT coalesce(b.seq, 0), coalesce(b.total, 0), c.value,
    (SELECT CAST(sum(seq) AS BIGINT) FROM folds), (SELECT coalesce(max(seq), 0) FROM id_runs)
FROM counters c LEFT JOIN batches b ON b.seq = (SELECT max(seq) FROM batches)
WHERE c.name = 'epoch'
"""
_SINCE = "SELECT seq, events, body FROM batches WHERE seq > ? ORDER BY seq LIMIT 64"


class State(NamedTuple):
    """How far the store has come, as one transaction sees it."""

    seq: int
    """The newest batch."""
    total: int
    """Events in the log."""
    epoch: int
    folds: int
    """The sum of the fold marks: differs when any of them moved."""
    run_seq: int
    """The newest run of ids."""


class Batch(NamedTuple):
    """One row of the log."""

    seq: int
    events: Sequence[Event]
    bodies: Sequence[bytes]


@dataclass(slots=True)
class Written:
    """What one append changed; memory takes it in once it is durable."""

    batches: Sequence[Batch]
    hashes: Sequence[int]
    """Of the ids."""
    run: bytes | None = None
    """The run of ids that was put down."""
    fold: tuple[int, int] | None = None
    """The partition that was folded, and its new mark."""

    @property
    def seq(self) -> int:
        """The newest batch."""
        return self.batches[-1].seq


class Memory:
    """Kept in step with the store by reading the batches that it has not seen."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._tail = Tail(epoch=-1, seq=0)
        self._known: KnownIds | None = None

    def acts(self, shopper: str) -> tuple[int, int, Acts]:
        """The newest batch in memory, the epoch, and a shopper's acts that are not yet folded."""
        with self._lock:
            return self._tail.seq, self._tail.epoch, self._tail.acts(shopper)

    def catch_up(self) -> None:
        """Read what other processes, or a thread of this one, have stored meanwhile."""
        with self._database.reading() as session, self._lock:
            self._follow(session, State(*session.rows(_STATE)[0]))

    def ready(self, session: Session) -> tuple[Tail, KnownIds, int]:
        """All that a writer must know, in step with its transaction, and the count of events."""
        with self._lock:
            state = State(*session.rows(_STATE)[0])
            tail = self._follow(session, state)
            known = self._known = self._follow_ids(session, state)
            return tail, known, state.total

    def put_down_ids(self, session: Session) -> None:
        """Store the newest ids as a run now: their batches are about to lose events."""
        with self._lock:
            state = State(*session.rows(_STATE)[0])
            known = self._known = self._follow_ids(session, state)
            if known.count:
                session.run("INSERT INTO id_runs VALUES (?, ?)", state.seq, known.run(()))

    def take_in(self, written: Written) -> None:
        """Remember what this process itself has stored, without reading it back."""
        with self._lock:
            for batch in written.batches:
                if batch.seq > self._tail.seq:
                    self._tail.add(*batch)
            if written.fold is not None:
                self._tail.folded(*written.fold)
            if self._known is not None:
                self._known.add(written.seq, written.hashes)
                if written.run is not None:
                    self._known.sealed(written.seq, written.run)

    def _follow(self, session: Session, state: State) -> Tail:
        tail = self._tail
        if tail.epoch != state.epoch:
            start = session.rows("SELECT min(seq) FROM folds")[0][0]
            tail = self._tail = Tail(state.epoch, start)
        while tail.seq < state.seq:
            for seq, count, body in session.rows(_SINCE, tail.seq):
                tail.add(seq, decode(count, body), split(count, body))
        if sum(tail.marks) < state.folds:
            for number, mark in session.rows("SELECT partition, seq FROM folds"):
                if mark > tail.marks[number]:
                    tail.folded(number, mark)
        return tail

    def _follow_ids(self, session: Session, state: State) -> KnownIds:
        known = self._known
        if known is None:
            runs = session.rows("SELECT body FROM id_runs ORDER BY seq")
            known = KnownIds(state.run_seq, (body for (body,) in runs))
        while known.seq < state.seq:
            for seq, count, body in session.rows(_SINCE, known.seq):
                known.add(seq, [hash_id(name) for name in ids(count, body)])
        if known.run_seq < state.run_seq:
            runs = "SELECT seq, body FROM id_runs WHERE seq > ? ORDER BY seq"
            for seq, body in session.rows(runs, known.run_seq):
                known.sealed(seq, body)
        return known
