"""What a process remembers of the log: the acts not yet sorted, and the ids that are known."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from splitshelf.collect.stores.bodies import ids
from splitshelf.collect.stores.chains import Chain, Runs
from splitshelf.collect.stores.database import Database, Session
from splitshelf.collect.stores.known_ids import Hashes, KnownIds, hash_ids
from splitshelf.collect.stores.lookup import Places, placed
from splitshelf.collect.stores.tail import Act, Batch, Tail

FOLD = 65_536
"""Events in memory (some 30 MB) before they are sorted into a run of histories."""
_STATE = """
SELECT coalesce(b.seq, 0), coalesce(b.total, 0), c.value,
    (SELECT coalesce(max(seq), 0) FROM id_runs)
FROM counters c LEFT JOIN batches b ON b.seq = (SELECT max(seq) FROM batches)
WHERE c.name = 'epoch'
"""
_SINCE = "SELECT seq, events, body FROM batches WHERE seq > ? ORDER BY seq LIMIT 64"


class State(NamedTuple):
    """How far the store has come, as one transaction sees it."""

    seq: int
    """The newest batch."""
    total: int
    """Events that ever came."""
    epoch: int
    run_seq: int
    """The newest run of ids."""


class Past(NamedTuple):
    """What is remembered of some shoppers, and how far that reaches."""

    seq: int
    """The newest batch in it."""
    epoch: int
    places: Places
    """Of the runs."""
    tails: Sequence[tuple[str, Sequence[Act]]]
    """Each shopper, and the newest acts that came after the runs, by time."""


@dataclass(slots=True)
class Written:
    """What one append changed; memory takes it in once it is durable."""

    batches: Sequence[Batch]
    hashes: Hashes
    """Of the ids."""
    run: bytes | None = None
    """The run of ids that was put down."""


class Memory:
    """Kept in step with the store by reading the batches that it has not seen."""

    def __init__(self, database: Database, runs: Runs) -> None:
        self._database = database
        self._files = runs
        self._lock = threading.Lock()
        self._folding = threading.Lock()
        self._tail = Tail(epoch=-1, seq=0)
        self._places = placed(())
        self._known: KnownIds | None = None
        self._total = 0
        self._version: int | None = None
        """Of the database when a writer was last in step with it."""
        self._trusted = False
        """Whether a writer was in step, and this process removed nothing since."""

    def past(self, shoppers: Sequence[str], limit: int) -> Past:
        """What is remembered of shoppers: enough for the newest acts, `limit` of each."""
        with self._lock:
            tail = self._tail
            tails = [(shopper, tail.newest(shopper, limit)) for shopper in shoppers]
            return Past(tail.seq, tail.epoch, self._places, tails)

    @property
    def pending(self) -> int:
        """How many events wait to be sorted."""
        return self._tail.count

    def chain(self) -> tuple[int, Chain]:
        """The newest epoch that is known, and its histories on disk."""
        with self._lock:
            return self._tail.epoch, self._runs

    @property
    def _runs(self) -> Chain:
        """The histories on disk."""
        return self._places.runs

    @_runs.setter
    def _runs(self, runs: Chain) -> None:
        self._places = placed(runs)

    def catch_up(self) -> None:
        """Read what other processes, or a thread of this one, have stored meanwhile."""
        with self._database.reading() as session, self._lock:
            self._follow(session, State(*session.rows(_STATE)[0]))

    def ready(self, session: Session) -> tuple[int, KnownIds, int]:
        """The newest batch, the known ids and the count of events, as a writer must know them."""
        with self._lock:
            version = session.version()
            known = self._known
            if known is None or version is None or version != self._version:
                state = State(*session.rows(_STATE)[0])
                self._follow(session, state)
                known = self._known = self._follow_ids(session, state)
                self._version, self._trusted = version, True
            return self._tail.seq, known, self._total

    def expected(self, hashes: Hashes, room: int) -> tuple[int, int] | None:
        """The newest batch and the count of events, if no other process has written since.

        Only where all of these ids are new as well, and fewer than `room` are in no run with them.
        """
        with self._lock:
            known, seq = self._known, self._tail.seq
            if known is None or not self._trusted or known.seq < seq:
                return None
            if known.count + len(hashes) >= room:
                return None
            if len(known.fresh(hashes)) < len(hashes):
                return None
            return seq, self._total

    def distrust(self) -> None:
        """Look at the store again before the next write: this process itself changed it."""
        self._version, self._trusted = None, False

    def put_down_ids(self, session: Session) -> None:
        """Store the newest ids as a run now: their batches are about to lose events."""
        with self._lock:
            state = State(*session.rows(_STATE)[0])
            known = self._known = self._follow_ids(session, state)
            if known.count:
                session.run("INSERT INTO id_runs VALUES (?, ?)", state.seq, known.run(hash_ids(())))

    def take_in(self, written: Written) -> None:
        """Remember what this process itself has stored, without reading it back."""
        with self._lock:
            for batch in written.batches:
                if batch.seq > self._tail.seq:
                    self._tail.add(batch)
                    self._total += batch.events
            if self._known is not None:
                self._known.add(written.batches[-1].seq, written.hashes)
                if written.run is not None:
                    self._known.put_down(written.batches[-1].seq, written.run)

    def fold(self) -> None:
        """Sort what is pending into a run, while others read and write."""
        with self._folding:
            with self._lock:
                tail, runs, batches = self._tail, self._runs, list(self._tail.batches)
            if sum(batch.events for batch in batches) < FOLD:
                return
            longer = self._files.extended(runs, tail.epoch, batches)
            self._adopt(tail, runs, longer)
            self._adopt(tail, longer, self._files.shortened(longer))

    def clear(self) -> None:
        """Remove the histories of earlier epochs, also what is being sorted at this moment."""
        with self._folding:
            self._files.forget(self.chain()[0])

    def _adopt(self, tail: Tail, old: Chain, new: Chain) -> None:
        """Take new runs for old ones, unless events were taken out of the log meanwhile."""
        with self._lock:
            if self._tail is tail and self._runs is old:
                self._runs = new
                tail.drop(new[-1].stretch.last_seq)
            else:
                self._files.forget(self._tail.epoch)

    def _follow(self, session: Session, state: State) -> None:
        tail = self._tail
        if tail.epoch != state.epoch:
            self._runs = self._files.chain(state.epoch)
            start = self._runs[-1].stretch.last_seq if self._runs else 0
            tail = self._tail = Tail(state.epoch, start)
        for batch in _batches(session, tail.seq, state.seq):
            tail.add(batch)
            if tail.count >= 2 * FOLD:
                with suppress(OSError):  # a disk that takes no writes: it stays in memory
                    longer = self._files.extended(self._runs, tail.epoch, tail.batches)
                    self._runs = self._files.shortened(longer)
                    tail.drop(self._runs[-1].stretch.last_seq)
        self._total = state.total

    def _follow_ids(self, session: Session, state: State) -> KnownIds:
        known = self._known
        if known is None:
            runs = session.rows("SELECT body FROM id_runs ORDER BY seq")
            known = KnownIds(state.run_seq, (body for (body,) in runs))
        for seq, count, body in _batches(session, known.seq, state.seq):
            known.add(seq, hash_ids(ids(count, body)))
        if known.run_seq < state.run_seq:
            runs = "SELECT seq, body FROM id_runs WHERE seq > ? ORDER BY seq"
            for seq, body in session.rows(runs, known.run_seq):
                known.sealed(seq, body)
        return known


def _batches(session: Session, after: int, last: int) -> Iterator[Batch]:
    """The batches after one, up to the last one, in order."""
    while after < last:
        for row in session.rows(_SINCE, after):
            yield Batch(*row)
            after = row[0]
