"""A file as importers see it: a table that DuckDB reads, or a run of JSON records."""

import csv
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import duckdb
import msgspec

from splitshelf.collect.importers.feed_xml import items
from splitshelf.collect.vocabulary import spelling
from splitshelf.core.errors import InputError

TABLES = (".parquet", ".csv", ".tsv", ".csv.gz", ".tsv.gz")
RECORDS = (".xml", ".jsonld", ".jsonl", ".ndjson", ".json", ".jsonl.gz", ".ndjson.gz", ".json.gz")
READABLE = (*TABLES, *RECORDS)

_DOCUMENTS = (".json", ".json.gz", ".jsonld")
QUOTE = '"'

_WHOLE_FILE_LIMIT = 256 * 2**20
"""Bytes of a `.json` file that is one document: it is decoded whole."""
_LISTS = ("orders", "events", "products", "items", "data", "results", "batch")


@dataclass(frozen=True, slots=True)
class Source:
    """One file, looked at but not yet read."""

    path: Path
    columns: tuple[str, ...] = ()
    """Of a table, as its header spells them; empty for records."""
    head: dict[str, Any] = field(default_factory=dict)
    """The first record; empty for a table."""
    relation: str = ""
    """Of a table: SQL to select from; it has one column more, `line`."""
    rows: int | None = None
    """About how many rows; None when the file does not say."""

    @property
    def name(self) -> str:
        """How messages call it."""
        return self.path.name

    def has(self, *columns: str) -> bool:
        """Whether the table has all these columns, however they are spelled."""
        there = {spelling(column) for column in self.columns}
        return all(spelling(column) in there for column in columns)

    def column(self, *names: str) -> str:
        """The first of these columns that there is, quoted for SQL; NULL when there is none."""
        there = {spelling(column): column for column in self.columns}
        found = next((there[spelling(name)] for name in names if spelling(name) in there), None)
        return "NULL" if found is None else quoted(found)


def quoted(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: object) -> str:
    """A text as SQL writes it."""
    return "'" + str(text).replace("'", "''") + "'"


def suffix(path: Path) -> str:
    """The ending that tells the format: `.csv.gz` for sales.csv.gz."""
    name = path.name.lower()
    return next((end for end in READABLE if name.endswith(end)), path.suffix.lower())


def look(path: Path, connection: duckdb.DuckDBPyConnection) -> Source:
    """What the file holds, by its ending and its first rows; raises InputError if unreadable."""
    ending = suffix(path)
    if not path.exists():
        raise InputError(f"{path} does not exist. Give a file or a folder.")
    if ending not in READABLE:
        endings = ", ".join(READABLE)
        raise InputError(f"{path.name} ends in '{ending}', must be one of {endings}.")
    try:
        return _look(path, ending, connection)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path.name}: cannot be read: {_first_line(error)}.") from error


def _look(path: Path, ending: str, connection: duckdb.DuckDBPyConnection) -> Source:
    if ending in RECORDS:
        return Source(path, head=_first_record(path))
    relation = _parquet(path) if ending == ".parquet" else _csv(path, ending)
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()  # noqa: S608
        rows = _rows(path, ending, connection)
    except duckdb.Error as error:
        raise InputError(f"{path.name}: cannot be read: {_first_line(error)}.") from error
    columns = tuple(row[0] for row in described if row[0] != "line")
    return Source(path, columns=columns, relation=relation, rows=rows)


def _parquet(path: Path) -> str:
    return (
        f"(SELECT * EXCLUDE file_row_number, file_row_number + 1 AS line"  # noqa: S608 (the path is quoted)
        f" FROM read_parquet({literal(path)}, file_row_number = true))"
    )


def _csv(path: Path, ending: str) -> str:
    with opened(path) as stream:
        header = stream.readline(1_000_000).decode("utf-8-sig", "replace").rstrip("\r\n")
    marks = "\t" if ".tsv" in ending else ",;\t|"
    mark = max(marks, key=lambda mark: len(_cells(header, mark)))
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in _named(_cells(header, mark)))
    # every value is text, so that every judgement is left to the door; line 1 is the header
    return (
        f"(SELECT *, row_number() OVER () + 1 AS line FROM read_csv({literal(path)},"  # noqa: S608 (quoted)
        f" columns = {{{columns}}}, header = true, delim = {literal(mark)},"
        f" quote = {literal(QUOTE)}, escape = {literal(QUOTE)}, auto_detect = false,"
        f" store_rejects = true, max_line_size = 4000000))"
    )


def _cells(header: str, mark: str) -> list[str]:
    return next(csv.reader([header], delimiter=mark), []) or [""]


def _named(cells: list[str]) -> list[str]:
    """The header's names, each once and none empty."""
    names: dict[str, None] = {}
    for number, cell in enumerate(cells, start=1):
        name = cell.strip() or f"column {number}"
        names[name if name.lower() not in {n.lower() for n in names} else f"{name} {number}"] = None
    return list(names)


def _rows(path: Path, ending: str, connection: duckdb.DuckDBPyConnection) -> int | None:
    if ending == ".parquet":
        sql = f"SELECT sum(num_rows) FROM parquet_file_metadata({literal(path)})"  # noqa: S608 (the path is quoted)
        return int((connection.execute(sql).fetchone() or (0,))[0] or 0)
    return None


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0].rstrip(".")[:200]


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked when it is gzipped."""
    if path.name.lower().endswith(".gz"):
        with gzip.open(path) as stream:
            yield stream  # pyright: ignore[reportReturnType] (GzipFile reads like any binary file)
    else:
        with path.open("rb") as stream:
            yield stream


def records(path: Path) -> Iterator[tuple[int, Any]]:
    """(line, record) for each JSON record; a line that is no JSON gives its DecodeError.

    A `.json` file may be one document: a list, or an object that holds one under `orders`,
    `events`, `products` or the like.
    """
    ending = suffix(path)
    if ending == ".xml":
        yield from items(path)
        return
    if ending in _DOCUMENTS:
        document = _document(path)
        if document is not None:
            yield from enumerate(document, start=1)
            return
    with opened(path) as stream:
        for number, line in enumerate(_lines(stream, path), start=1):
            if line.strip():
                yield number, _decoded(line)


def _lines(stream: IO[bytes], path: Path) -> Iterator[bytes]:
    try:
        yield from stream
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path.name}: cannot be read: {_first_line(error)}.") from error


def _decoded(line: bytes) -> object:
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return error


def _document(path: Path) -> list[Any] | None:
    """The records of a file that is one JSON document, or None where it is JSON lines."""
    if path.stat().st_size > _WHOLE_FILE_LIMIT:
        return None
    with opened(path) as stream:
        document = _decoded(b"".join(_lines(stream, path)))
    if isinstance(document, dict):
        return next((document[k] for k in _LISTS if isinstance(document.get(k), list)), [document])
    return document if isinstance(document, list) else None


def _first_record(path: Path) -> dict[str, Any]:
    for _, record in records(path):
        if isinstance(record, dict):
            return record
    return {}
