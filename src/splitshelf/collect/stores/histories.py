"""The histories on disk: one row a shopper, its acts as joined bodies, read in one look-up.

A fold moves the acts of one partition from the tail into the rows, by appending bytes inside the
database; nothing is read back. A row says whether its acts stand in the order of their times, so
that a reader of the newest twenty decodes only those.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from struct import pack, unpack
from typing import Any, NamedTuple

from splitshelf.collect.stores.bodies import decode, encode, join
from splitshelf.collect.stores.database import Session
from splitshelf.collect.stores.tail import Acts
from splitshelf.core.clock import microseconds
from splitshelf.core.events import Event

KEPT = 200
"""Acts that stay in a row when it is cut; whoever wants more walks through the log."""
_APPEND = """
INSERT INTO histories AS h (shopper, events, cut, ordered, last_at, first_at, sizes, body)
VALUES (?, ?, 0, 1, ?, ?, ?, ?)
ON CONFLICT (shopper) DO UPDATE SET
    events = h.events + excluded.events,
    ordered = CASE WHEN h.ordered = 1 AND h.last_at <= excluded.first_at THEN 1 ELSE 0 END,
    first_at = CASE WHEN h.first_at < excluded.first_at THEN h.first_at ELSE excluded.first_at END,
    last_at = CASE WHEN h.last_at > excluded.last_at THEN h.last_at ELSE excluded.last_at END,
    sizes = CAST(h.sizes || excluded.sizes AS {bytes}),
    body = CAST(h.body || excluded.body AS {bytes})
"""
_LONG = "SELECT shopper, events, body FROM histories WHERE events > 256"
_CUT = """
UPDATE histories
SET events = ?, cut = 1, ordered = 1, last_at = ?, first_at = ?, sizes = ?, body = ?
WHERE shopper = ?
"""

_AT = attrgetter("at")


class History(NamedTuple):
    """One row: what a shopper did up to the fold mark of its partition."""

    events: int
    cut: int
    """1 where older acts were left to the log."""
    ordered: int
    """1 where the acts stand in the order of their times."""
    sizes: bytes
    """uint32 [events]: how long each body is."""
    body: bytes

    def newest(self, limit: int) -> tuple[int, bytes]:
        """How many events are needed to know the newest `limit`, and their joined bodies."""
        if not self.ordered or limit >= self.events:
            return self.events, self.body
        length = sum(unpack(f"<{limit}I", self.sizes[-4 * limit :]))
        return limit, self.body[len(self.body) - length :]


class Folding:
    """Adds acts to the rows of their shoppers."""

    def __init__(self, dialect: Mapping[str, str]) -> None:
        self._append = _APPEND.format_map(dialect)

    def fold(self, session: Session, acts: Mapping[str, Acts]) -> None:
        """Append the acts to the rows, and cut the rows that have grown too long."""
        session.run_many(self._append, (_row(shopper, acts[shopper]) for shopper in sorted(acts)))
        for shopper, events, body in session.rows(_LONG):
            kept = in_time(decode(events, body))[-KEPT:]
            bodies = [encode(event) for event in kept]
            session.run(_CUT, *columns_of(kept[0].at, kept[-1].at, bodies), shopper)


def newest(history: History | None, bodies: Sequence[bytes], limit: int) -> list[Event]:
    """The newest events of a row and of a tail together, oldest first, at most `limit`."""
    count, body = history.newest(limit) if history else (0, b"")
    return in_time(decode(count + len(bodies), join([body, *bodies])))[-limit:]


def history_of(columns: Sequence[Any]) -> History | None:
    """The history in the columns of an outer join; None where there was no row."""
    return None if columns[0] is None else History(*columns)


def in_time(events: Iterable[Event]) -> list[Event]:
    """The events by time; of the same moment, in the order given."""
    return sorted(events, key=_AT)


def _row(shopper: str, acts: Acts) -> Sequence[object]:
    times, bodies = acts.times, acts.bodies
    order = sorted(range(len(times)), key=times.__getitem__)
    bodies = [bodies[i] for i in order]
    return (shopper, *columns_of(times[order[0]], times[order[-1]], bodies))


def columns_of(first: datetime, last: datetime, bodies: Sequence[bytes]) -> Sequence[object]:
    """The columns events, last_at, first_at, sizes and body of acts in the order of time."""
    sizes = pack(f"<{len(bodies)}I", *map(len, bodies))
    return len(bodies), microseconds(last), microseconds(first), sizes, join(bodies)
