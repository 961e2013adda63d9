"""The table of small named documents: experiments, rules, reports."""

from collections.abc import Mapping

from splitshelf.collect.stores.database import Database


class DocumentTable:
    """Documents by kind and name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, kind: str, name: str, body: bytes) -> None:
        """Store or replace one document, durably."""
        with self._database.writing() as session:
            session.run(
                "INSERT INTO documents VALUES (?, ?, ?)"
                " ON CONFLICT (kind, name) DO UPDATE SET body = excluded.body",
                kind,
                name,
                body,
            )

    def one(self, kind: str, name: str) -> bytes | None:
        """One document, or None."""
        sql = "SELECT body FROM documents WHERE kind = ? AND name = ?"
        rows = self._database.rows(sql, kind, name)
        return rows[0][0] if rows else None

    def all(self, kind: str) -> Mapping[str, bytes]:
        """All documents of a kind, by name, sorted."""
        sql = "SELECT name, body FROM documents WHERE kind = ? ORDER BY name"
        return dict(self._database.rows(sql, kind))

    def delete(self, kind: str, name: str) -> bool:
        """Whether there was one."""
        with self._database.writing() as session:
            sql = "DELETE FROM documents WHERE kind = ? AND name = ?"
            return session.run(sql, kind, name) > 0
