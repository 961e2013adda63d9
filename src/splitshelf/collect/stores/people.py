"""The table of links: which ids belong to one person, and what changed since a version."""

from collections.abc import Iterable, Sequence

import msgspec

from splitshelf.collect.stores.database import Database, Session
from splitshelf.core.people import Member
from splitshelf.core.protocols import PeopleChanges

_ENCODE = msgspec.msgpack.Encoder().encode
_DECODE = msgspec.msgpack.Decoder(Member).decode
_VERSION = "SELECT value FROM counters WHERE name = 'people'"
_CUT = "SELECT value FROM counters WHERE name = 'people_cut'"


class PeopleTable:
    """Links by id; an id that stands alone again leaves a row without a body."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, members: Iterable[Member]) -> None:
        """Store links, durably; replaces what an id was linked to. All or nothing."""
        with self._database.writing() as session:
            # a version each, so that readers see them in their order
            rows = [
                (member.id, version, _ENCODE(member))
                for version, member in enumerate(members, session.rows(_VERSION)[0][0] + 1)
            ]
            session.run_many(
                "INSERT INTO people VALUES (?, ?, ?) ON CONFLICT (id)"
                " DO UPDATE SET version = excluded.version, body = excluded.body",
                rows,
            )
            session.run("UPDATE counters SET value = value + ? WHERE name = 'people'", len(rows))

    def delete(self, ids: Iterable[str]) -> int:
        """How many of the ids were linked."""
        with self._database.writing() as session:
            return _unlink(session, ids)

    def changes(self, since: int) -> PeopleChanges:
        """What changed after version `since`; costs by the number of changes."""
        with self._database.reading() as session:
            version = session.rows(_VERSION)[0][0]
            if version == since:
                return PeopleChanges(version, (), ())
            whole = since < session.rows(_CUT)[0][0]
            since = 0 if whole else since
            sql = "SELECT id, body FROM people WHERE version > ? ORDER BY version"
            rows: Sequence[tuple[str, bytes | None]] = session.rows(sql, since)
        linked = [_DECODE(body) for _, body in rows if body is not None]
        alone = [name for name, body in rows if body is None]
        return PeopleChanges(version, linked, alone, whole=whole)


def forget(session: Session, shopper: str) -> None:
    """Leave no trace of an id; who has read its row reads all rows anew."""
    if session.run("DELETE FROM people WHERE id = ?", shopper):
        version = _next_version(session)
        session.run("UPDATE counters SET value = ? WHERE name = 'people_cut'", version)


def _unlink(session: Session, ids: Iterable[str]) -> int:
    sql = "UPDATE people SET version = ?, body = NULL WHERE id = ? AND body IS NOT NULL"
    return sum(session.run(sql, _next_version(session), name) for name in ids)


def _next_version(session: Session) -> int:
    session.run("UPDATE counters SET value = value + 1 WHERE name = 'people'")
    return session.rows(_VERSION)[0][0]
