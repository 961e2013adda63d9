"""Taking events out of the log: one shopper's, or all that are too old."""

import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from splitshelf.collect.stores import people
from splitshelf.collect.stores.bodies import decode, join, split
from splitshelf.collect.stores.chains import Runs
from splitshelf.collect.stores.database import Database, Row, Session
from splitshelf.collect.stores.histories import not_of
from splitshelf.collect.stores.memory import Memory
from splitshelf.collect.stores.runs import Run
from splitshelf.collect.stores.segments import Segments
from splitshelf.core.arrays import Bools
from splitshelf.core.clock import microseconds
from splitshelf.core.events import Event

_PAGE = (
    "SELECT seq, events, body FROM batches WHERE seq > ? AND first_at < ? ORDER BY seq LIMIT 256"
)
_ONE = "SELECT seq, events, body FROM batches WHERE seq = ?"
_REWRITE = "UPDATE batches SET events = ?, body = ? WHERE seq = ?"
_REMOVED = "UPDATE counters SET value = value + ? WHERE name = 'removed'"
_TURN = "UPDATE counters SET value = ? WHERE name = 'epoch' AND value = ?"
_SKIP = """
UPDATE counters SET value = CASE WHEN value > ? THEN value ELSE ? END + 1 WHERE name = 'epoch'
"""
_END = 2**62
_COUNTED = ("tally", "tally-before", "tally-seen")
"""Documents with a row a shopper; the analysis of experiments counts anew what is gone."""


class _Turn(NamedTuple):
    """From one epoch of the log to the next."""

    epoch: int
    following: int


class Upkeep:
    """Removes events; every process notices by the epoch, and forgets what it remembered."""

    def __init__(self, database: Database, memory: Memory, segments: Segments, runs: Runs) -> None:
        self._database = database
        self._memory = memory
        self._segments = segments
        self._runs = runs

    def forget(self, shopper: str) -> int:
        """How many events and exposures of one shopper there were; none is left.

        Their ids stay known by their hashes, so that a late retry does not bring one back.
        """
        seen, seqs = self._batches_with(shopper.encode())
        turn = self._prepared(lambda run: not_of(run, shopper))
        with self._database.writing() as session:
            self._memory.put_down_ids(session)
            later = session.rows("SELECT seq FROM batches WHERE seq > ?", seen)
            pages = [session.rows(_ONE, seq) for seq in (*seqs, *(seq for (seq,) in later))]
            gone = sum(_keep(session, page, lambda e: e.shopper != shopper) for page in pages)
            shown = session.run("DELETE FROM exposures WHERE shopper = ?", shopper)
            session.run("DELETE FROM assignments WHERE unit = ?", shopper)
            people.forget(session, shopper)
            session.run("DELETE FROM documents WHERE kind IN (?, ?, ?)", *_COUNTED)
            _turn(session, turn)
        self._noticed()
        return gone + shown

    def expire(self, before: datetime) -> int:
        """How many events and exposures were older than `before`; none of these is left."""
        mark = microseconds(before)
        gone = seq = 0
        with self._database.writing() as session:
            self._memory.put_down_ids(session)
            gone += session.run("DELETE FROM exposures WHERE at < ?", mark)
            session.run("DELETE FROM assignments WHERE at < ?", mark)
        self._memory.distrust()
        while page := self._database.rows(_PAGE, seq, mark):
            with self._database.writing() as session:  # page by page: writers wait for none long
                fresh = [row for (one, *_) in page for row in session.rows(_ONE, one)]
                gone += _keep(session, fresh, lambda event: event.at >= before)
            seq = page[-1][0]
        if gone:
            turn = self._prepared(lambda run: run.acts.times >= mark)
            with self._database.writing() as session:
                _turn(session, turn)
        self._noticed()
        return gone

    def _prepared(self, wanted: Callable[[Run], Bools]) -> "_Turn":
        """The next epoch, with its histories written: before the turn, so that nobody waits.

        The number is drawn at random, so that what an attempt that failed has left is never taken
        for the histories of a later one.
        """
        self._memory.catch_up()
        epoch, chain = self._memory.chain()
        turn = _Turn(epoch, epoch + 1 + secrets.randbelow(2**32))
        with suppress(OSError):  # a full disk: what is missing is sorted out of the log again
            self._runs.rewritten(chain, turn.following, wanted)
        return turn

    def _noticed(self) -> None:
        """Look at the store again, and remove what it no longer holds."""
        self._memory.distrust()
        self._memory.catch_up()
        self._memory.clear()
        self._segments.forget()

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


def _turn(session: Session, turn: _Turn) -> None:
    """Begin the next epoch; where somebody else has begun one, a later one without histories."""
    if not session.run(_TURN, turn.following, turn.epoch):
        session.run(_SKIP, turn.following, turn.following)
