"""The whole log as columns: sealed segments loaded, the rest decoded, both joined."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime

import duckdb

from splitshelf.collect.stores.columns import handed_out, interned
from splitshelf.collect.stores.database import Database
from splitshelf.collect.stores.exposures import EARLIEST, LATEST
from splitshelf.collect.stores.segments import SEGMENT, Segment, Segments
from splitshelf.core.clock import microseconds
from splitshelf.core.columns import EventColumns
from splitshelf.core.protocols import Arrivals, Position

_EPOCH = "SELECT value FROM counters WHERE name = 'epoch'"
_PAGE = "SELECT seq, events, body FROM batches WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT 64"
_WINDOW = """
SELECT seq, events, body FROM batches
WHERE seq > ? AND last_at >= ? AND first_at < ? ORDER BY seq LIMIT 64
"""
_NEWEST = """
SELECT coalesce((SELECT max(seq) FROM batches), 0), value FROM counters WHERE name = 'epoch'
"""
_ENDS = "SELECT min(seq) FROM batches WHERE seq > ? AND total >= ?"


class Scans:
    """Reads and seals the log of one store."""

    def __init__(self, database: Database, segments: Segments) -> None:
        self._database = database
        self._segments = segments

    def scan(self, since: datetime | None, until: datetime | None) -> EventColumns:
        """All events with since <= at < until."""
        low = EARLIEST if since is None else microseconds(since)
        high = LATEST if until is None else microseconds(until)
        if since is None:
            with suppress(OSError, duckdb.Error):  # sealing saves time; the log has it all
                self.seal()
        try:
            return self._scan(list(self._segments.sealed(self._epoch())), low, high)
        except (duckdb.Error, OSError):
            self._segments.forget()
            return self._scan([], low, high)

    def _scan(self, segments: Sequence[Segment], low: int, high: int) -> EventColumns:
        wanted = [one for one in segments if one.first_at < high and one.last_at >= low]
        known = self._segments.names(segments if wanted else [])
        seq = segments[-1].last_seq if segments else 0
        rest, _ = interned(self._read(_WINDOW, seq, low, high), known)
        columns = self._segments.columns(wanted, rest, known)
        return handed_out(columns, known, low, high, whole=len(wanted) == len(segments))

    def arrivals(self, after: Position | None) -> Arrivals:
        """The events that arrived after a position, or all of them."""
        while True:
            seq, epoch = self._database.rows(_NEWEST)[0]
            position = Position(epoch, seq)
            if after is not None and after.epoch != epoch:
                return Arrivals(position, None)
            columns = self._whole(position) if after is None else self._between(after.seq, seq)
            if self._epoch() == epoch:  # else events went while they were read
                return Arrivals(position, columns)

    def _whole(self, position: Position) -> EventColumns:
        """The log up to a position."""
        with suppress(OSError, duckdb.Error):
            self.seal()
        try:
            sealed = self._segments.sealed(position.epoch)
            segments = [one for one in sealed if one.last_seq <= position.seq]
            return self._following(segments, position.seq)
        except (duckdb.Error, OSError):
            self._segments.forget()
            return self._following([], position.seq)

    def _following(self, segments: Sequence[Segment], last: int) -> EventColumns:
        seq = segments[-1].last_seq if segments else 0
        return self._joined(segments, self._read(_PAGE, seq, last))

    def _between(self, seq: int, last: int) -> EventColumns:
        return self._joined([], self._read(_PAGE, seq, last))

    def _joined(
        self, segments: Sequence[Segment], batches: Iterator[tuple[int, bytes]]
    ) -> EventColumns:
        """The events of segments from the first one on, and those of some batches."""
        known = self._segments.names(segments)
        rest, _ = interned(batches, known)
        columns = self._segments.columns(segments, rest, known)
        return handed_out(columns, known, EARLIEST, LATEST, whole=True)

    def seal(self) -> int:
        """How many segments were sealed: all that are complete and were not yet."""
        epoch = self._epoch()
        segments = list(self._segments.sealed(epoch))
        number = before = len(segments)
        seq = segments[-1].last_seq if segments else 0
        known = None
        while (last := self._end(seq, number)) is not None:
            known = known or self._segments.names(segments)
            columns, new = interned(self._read(_PAGE, seq, last), known)
            self._segments.write(epoch, number, last, columns, new)
            number, seq = number + 1, last
        if known is not None:
            *_, newest = self._segments.sealed(epoch)
            self._segments.put_down(newest, known)
        return number - before

    def _end(self, seq: int, number: int) -> int | None:
        """The batch that completes a segment; None while there is none."""
        return self._database.rows(_ENDS, seq, (number + 1) * SEGMENT)[0][0]

    def _read(self, page: str, seq: int, *bounds: int) -> Iterator[tuple[int, bytes]]:
        """How many events each batch after `seq` holds, and their joined bodies."""
        while rows := self._database.rows(page, seq, *bounds):
            for _, count, body in rows:
                yield count, body
            seq = rows[-1][0]

    def _epoch(self) -> int:
        return self._database.rows(_EPOCH)[0][0]
