"""What an importer is: it knows its format, and turns rows into raw events or products.

Tables speak SQL: an expression for each field, and the reasons to leave a row out. Records speak
Python: a function from one JSON record to raw events. Both leave judgement to the door.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

import duckdb

from splitshelf.collect.importers.source import Source, literal, records
from splitshelf.core.errors import InputError

Kind = Literal["events", "products"]
Mapped = Mapping[str, str]
"""Our field -> the column that carries it, as the caller said."""

UNNAMED = "~"
"""The id of an event whose source gave none: it gets one from its content."""
NO_ROW = "the row has"
"""How the reason begins when a line of a csv file is no row."""
UNREADABLE = "cannot be read as"
CHUNK = 10_000


class Line(NamedTuple):
    """One row, or one part of it, on its way to the door."""

    number: int
    """Counted from 1; the header of a csv file is line 1."""
    raw: str | Mapping[str, Any] | None
    """JSON text or an object; None where the row is left out."""
    dropped: str | None = None
    """Why the row is left out."""
    broken: str | None = None
    """Why the row cannot be read."""


class Importer(Protocol):
    """One format."""

    @property
    def title(self) -> str:
        """How reports call the format."""
        ...

    @property
    def kind(self) -> Kind:
        """What its rows become."""
        ...

    def knows(self, source: Source) -> bool:
        """Whether the file looks like this format."""
        ...

    def read(
        self, source: Source, mapped: Mapped, connection: duckdb.DuckDBPyConnection
    ) -> Iterator[list[Line]]:
        """The rows, some thousands at a time."""
        ...

    def notes(self, source: Source, connection: duckdb.DuckDBPyConnection) -> list[str]:
        """What a reader of the report should know about this file."""
        ...


@dataclass(frozen=True, slots=True)
class TableImporter:
    """A format whose rows are columns."""

    title: str
    columns: tuple[str, ...]
    """All of them must be there."""
    fields: Callable[[Source, Mapped], dict[str, str]]
    """Our field -> SQL over the columns."""
    drops: tuple[tuple[str, str], ...] = ()
    """(reason, SQL condition): the first that holds leaves the row out."""
    remarks: tuple[tuple[str, str], ...] = ()
    """(sentence with {n}, SQL condition): said in the report with the count."""
    kind: Kind = "events"

    def knows(self, source: Source) -> bool:
        """Whether all the columns are there."""
        return bool(source.columns) and source.has(*self.columns)

    def read(
        self, source: Source, mapped: Mapped, connection: duckdb.DuckDBPyConnection
    ) -> Iterator[list[Line]]:
        """The rows of the table in their order."""
        cursor = connection.cursor()
        try:
            result = cursor.execute(self.select(source, mapped))
            while rows := result.fetchmany(CHUNK):
                yield [Line(number, raw, dropped) for number, raw, dropped in rows]
        except duckdb.Error as error:
            why = str(error).split("\n", 1)[0]
            raise InputError(f"{source.name}: {UNREADABLE} {self.title}: {why}") from error
        yield _structural(cursor)

    def select(self, source: Source, mapped: Mapped) -> str:
        """The SQL that reads it: line, JSON under our names, reason to leave out."""
        fields = self.fields(source, mapped)
        if self.kind == "events":
            fields = {"id": literal(UNNAMED), **fields}
        pairs = ", ".join(f"{literal(key)}: {sql}" for key, sql in fields.items())
        reasons = "".join(f" WHEN {sql} THEN {literal(why)}" for why, sql in self.drops)
        dropped = f"CASE{reasons} END" if reasons else "NULL"
        return (
            f"SELECT line, CASE WHEN dropped IS NULL THEN body END, dropped"  # noqa: S608 (names and literals are quoted)
            f" FROM (SELECT line, to_json({{{pairs}}})::VARCHAR AS body, {dropped} AS dropped"
            f" FROM {source.relation})"
        )

    def notes(self, source: Source, connection: duckdb.DuckDBPyConnection) -> list[str]:
        """The remarks that apply, with their counts."""
        found: list[str] = []
        for sentence, condition in self.remarks:
            sql = f"SELECT count(*) FILTER ({condition}) FROM {source.relation}"  # noqa: S608 (as above)
            (n,) = connection.execute(sql).fetchone() or (0,)
            if n:
                found.append(sentence.format(n=f"{n:,}"))
        return found


def _structural(connection: duckdb.DuckDBPyConnection) -> list[Line]:
    """The rows of a csv file that are no rows: too many columns, an open quote."""
    sql = "SELECT DISTINCT line, lower(error_type) FROM reject_errors ORDER BY line"
    try:
        rows = connection.execute(sql).fetchall()
    except duckdb.Error:  # the table is made by the first csv file
        return []
    return [Line(int(line), None, broken=f"{NO_ROW} {kind}") for line, kind in rows]


@dataclass(frozen=True, slots=True)
class RecordImporter:
    """A format whose rows are JSON records."""

    title: str
    finds: Callable[[Mapping[str, Any]], bool]
    """Whether the first record looks like this format."""
    lines: Callable[[Mapping[str, Any]], Iterable[Mapping[str, Any] | str]]
    """The raw events or products of a record; a text says why there is none."""
    kind: Kind = "events"
    remarks: tuple[str, ...] = ()
    """Said in the report of every file."""

    def knows(self, source: Source) -> bool:
        """Whether the first record is one of ours."""
        return bool(source.head) and self.finds(source.head)

    def read(
        self, source: Source, mapped: Mapped, connection: duckdb.DuckDBPyConnection
    ) -> Iterator[list[Line]]:
        """The records in their order, each as many lines as it holds."""
        del connection
        chunk: list[Line] = []
        for number, record in records(source.path):
            chunk += self._lines(number, record, mapped)
            if len(chunk) >= CHUNK:
                yield chunk
                chunk = []
        yield chunk

    def _lines(self, number: int, record: object, mapped: Mapped) -> list[Line]:
        if not isinstance(record, dict):
            return [Line(number, None, broken="it is not a JSON object")]
        for field, column in mapped.items():
            record[field] = record.pop(column, column if field == "type" else None)
        try:
            parts = list(self.lines(record))
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            return [Line(number, None, broken=f"it is not as {self.title} writes it: {error!r}")]
        return [
            Line(number, None, part) if isinstance(part, str) else Line(number, part)
            for part in parts
        ]

    def notes(self, source: Source, connection: duckdb.DuckDBPyConnection) -> list[str]:
        """The remarks."""
        del source, connection
        return list(self.remarks)
