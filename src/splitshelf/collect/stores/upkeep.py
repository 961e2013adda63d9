"""Taking events out of the log: one shopper's, or all that are too old."""

from collections.abc import Callable, Sequence
from datetime import datetime

from splitshelf.collect.stores import people
from splitshelf.collect.stores.bodies import decode, encode, join, split
from splitshelf.collect.stores.database import Database, Row, Session
from splitshelf.collect.stores.histories import columns_of, in_time
from splitshelf.collect.stores.memory import Memory
from splitshelf.collect.stores.segments import Segments
from splitshelf.core.clock import microseconds
from splitshelf.core.events import Event

_PAGE = (
    "SELECT seq, events, body FROM batches WHERE seq > ? AND first_at < ? ORDER BY seq LIMIT 256"
)
_ONE = "SELECT seq, events, body FROM batches WHERE seq = ?"
_REWRITE = "UPDATE batches SET events = ?, body = ? WHERE seq = ?"
_REMOVED = "UPDATE counters SET value = value + ? WHERE name = 'removed'"
_EPOCH = "UPDATE counters SET value = value + 1 WHERE name = 'epoch'"
_OLD = "SELECT shopper, events, body FROM histories WHERE first_at < ? LIMIT 256"
_HISTORY = """
UPDATE histories SET events = ?, last_at = ?, first_at = ?, sizes = ?, body = ? WHERE shopper = ?
"""
_END = 2**62


class Upkeep:
    """Removes events; every process notices by the epoch, and forgets what it remembered."""

    def __init__(self, database: Database, memory: Memory, segments: Segments) -> None:
        self._database = database
        self._memory = memory
        self._segments = segments

    def forget(self, shopper: str) -> int:
        """How many events and exposures of one shopper there were; none is left.

        Their ids stay known by their hashes, so that a late retry does not bring one back.
        """
        seen, seqs = self._batches_with(shopper.encode())
        with self._database.writing() as session:
            self._memory.put_down_ids(session)
            later = session.rows("SELECT seq FROM batches WHERE seq > ?", seen)
            pages = [session.rows(_ONE, seq) for seq in (*seqs, *(seq for (seq,) in later))]
            gone = sum(_keep(session, page, lambda e: e.shopper != shopper) for page in pages)
            session.run("DELETE FROM histories WHERE shopper = ?", shopper)
            shown = session.run("DELETE FROM exposures WHERE shopper = ?", shopper)
            people.forget(session, shopper)
            session.run(_EPOCH)
        self._segments.forget()
        return gone + shown

    def expire(self, before: datetime) -> int:
        """How many events and exposures were older than `before`; none of these is left."""
        mark = microseconds(before)
        gone = seq = 0
        with self._database.writing() as session:
            self._memory.put_down_ids(session)
            gone += session.run("DELETE FROM exposures WHERE at < ?", mark)
        while page := self._database.rows(_PAGE, seq, mark):
            with self._database.writing() as session:  # page by page: writers wait for none long
                fresh = [row for (one, *_) in page for row in session.rows(_ONE, one)]
                gone += _keep(session, fresh, lambda event: event.at >= before)
            seq = page[-1][0]
        with self._database.writing() as session:
            session.run(_EPOCH)  # from here on no process folds an old act into a history
        self._expire_histories(before, mark)
        self._segments.forget()
        return gone

    def _expire_histories(self, before: datetime, mark: int) -> None:
        going = True
        while going:
            with self._database.writing() as session:
                rows = session.rows(_OLD, mark)
                for shopper, count, body in rows:
                    kept = in_time(e for e in decode(count, body) if e.at >= before)
                    if kept:
                        bodies = [encode(event) for event in kept]
                        session.run(_HISTORY, *columns_of(kept[0].at, kept[-1].at, bodies), shopper)
                    else:
                        session.run("DELETE FROM histories WHERE shopper = ?", shopper)
            going = bool(rows)

    def _batches_with(self, name: bytes) -> tuple[int, list[int]]:
        """The newest batch looked at, and the batches whose bytes hold a name."""
        seq, found = 0, []
        while page := self._database.rows(_PAGE, seq, _END):
            found += [one for one, _, body in page if name in body]
            seq = page[-1][0]
        return seq, found


def _keep(session: Session, rows: Sequence[Row], wanted: Callable[[Event], bool]) -> int:
    """How many events went when only those that are wanted stayed in some batches."""
    gone = 0
    for seq, count, body in rows:
        pairs = zip(decode(count, body), split(count, body), strict=True)
        kept = [part for event, part in pairs if wanted(event)]
        if len(kept) < count:
            session.run(_REWRITE, len(kept), join(kept), seq)
            gone += count - len(kept)
    session.run(_REMOVED, gone)
    return gone
