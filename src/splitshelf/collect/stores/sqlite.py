"""SQLite as the database of a store: one file, one writer at a time, a connection a thread."""

import sqlite3
import threading
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from splitshelf.collect.stores.background import Background
from splitshelf.collect.stores.database import Row
from splitshelf.collect.stores.frozen import connect_frozen, is_frozen
from splitshelf.collect.stores.tables import TableStore
from splitshelf.core.errors import InputError, Unavailable
from splitshelf.core.protocols import Store

_TIDY: Final = 512
"""Commits after which the write-ahead log is moved into the file."""
_WAIT = 10.0
"""Seconds that a writer waits for another process to finish writing."""
_PRAGMAS = (
    "journal_mode = WAL",
    "secure_delete = FAST",  # what is removed is overwritten where that costs no extra write
    "synchronous = FULL",  # a commit returns after fdatasync
    "cache_size = -32000",  # 32 MB
    "wal_autocheckpoint = 4000",  # 16 MB of log before a writer itself moves it into the file
)

_DIALECT: Final = {
    "text": "TEXT",
    "bytes": "BLOB",
    "integer": "INTEGER",
    "serial": "INTEGER PRIMARY KEY",
    "clustered": "WITHOUT ROWID",
    "alone": "TRUE",  # whoever writes to a file does so alone
}
_CAUSES: Final[Mapping[str, str]] = {
    "SQLITE_FULL": "the disk is full; free some space",
    "SQLITE_READONLY": "the file or its disk is read-only; make it writable",
    "SQLITE_CANTOPEN": "the file cannot be opened; check that its folder exists and is writable",
    "SQLITE_BUSY": "another process kept it locked for longer than ten seconds",
    "SQLITE_LOCKED": "another process kept it locked for longer than ten seconds",
    "SQLITE_IOERR": "the disk refused to read or write; check its space, quota and health",
    "SQLITE_NOTADB": "the file is not an SQLite database; point store.url at another file",
    "SQLITE_CORRUPT": "the file is damaged; restore it from a backup",
}


def open_sqlite(url: str, base: Path) -> Store:
    """The store in the file that `sqlite:///FILE` names, made when it does not exist."""
    name = url.removeprefix("sqlite:///")
    if name == url or not name:
        raise InputError(f"store.url is '{url}', must be like sqlite:///splitshelf.sqlite.")
    path = base / name
    return TableStore(SqliteDatabase(path), path.parent, path.name)


class SqliteSession:
    """Statements on one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def version(self) -> int:
        """A number that differs when another connection has written."""
        return self._connection.execute("PRAGMA data_version").fetchone()[0]

    def rows(self, sql: str, *parameters: object) -> list[Row]:
        """The answer to one statement."""
        return self._connection.execute(sql, parameters).fetchall()

    def run(self, sql: str, *parameters: object) -> int:
        """How many rows the statement changed."""
        return self._connection.execute(sql, parameters).rowcount

    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> int:
        """How many rows the statement changed, run once for each row of parameters."""
        return self._connection.executemany(sql, rows).rowcount


class SqliteDatabase:
    """One file in WAL mode with synchronous=FULL: what is committed survives a power cut."""

    def __init__(self, path: Path) -> None:
        self.dialect: Mapping[str, str] = _DIALECT
        self._path = path
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._opening = threading.RLock()
        self._turn = threading.Lock()
        self._commits = 0
        self._tidying = Background(self._tidy, "write-ahead log")
        self._life = 0
        """Grows when the file is opened anew; connections of an earlier life are left."""
        self._writer: sqlite3.Connection | None = None
        """None while the disk takes no writes: then the file is only read."""
        with self._told():
            self._begin()

    def rows(self, sql: str, *parameters: object) -> list[Row]:
        """The answer to one reading statement."""
        try:
            return self._reader().execute(sql, parameters).fetchall()
        except sqlite3.DatabaseError as error:
            raise self._unavailable(error) from error

    def run(self, sql: str, *parameters: object) -> int:
        """How many rows one statement changed, durable at return."""
        with self._turn, self._told():
            writer = self._writer or self._thawed()
            changed = writer.execute(sql, parameters).rowcount
        self._committed()
        return changed

    @contextmanager
    def reading(self) -> Generator[SqliteSession]:
        """A session whose reads all see the same moment."""
        with self._told():
            connection = self._reader()
            connection.execute("BEGIN")
            try:
                yield SqliteSession(connection)
            finally:
                connection.rollback()

    @contextmanager
    def writing(self) -> Generator[SqliteSession]:
        """A session that alone writes; durable at the end, undone when an exception leaves it."""
        with self._turn, self._told():
            writer = self._writer or self._thawed()
            writer.execute("BEGIN IMMEDIATE")
            try:
                yield SqliteSession(writer)
                writer.execute("COMMIT")
            finally:
                if writer.in_transaction:
                    writer.rollback()
        self._committed()

    def _committed(self) -> None:
        self._commits += 1
        if self._commits % _TIDY == 0:
            self._tidying.ask()

    def close(self) -> None:
        """Release every connection; the last process to do so tidies the write-ahead log."""
        self._tidying.close()
        with self._turn, self._opening:
            self._close_all()

    def _close_all(self) -> None:
        while self._connections:
            self._connections.pop().close()

    def _tidy(self) -> None:
        """Move what is in the write-ahead log into the file, beside the next commits.

        The writer itself would do so for all of it at once, while everybody waits.
        """
        self.rows("PRAGMA wal_checkpoint(PASSIVE)")

    def _begin(self) -> None:
        """Open the file for writing, or for reading alone where its disk takes no writes."""
        if is_frozen(self._path):  # SQLite would open it without a word, and never write again
            self._frozen()
        else:
            self._writer = self._connect()

    def _thawed(self) -> sqlite3.Connection:
        """The writer of a file that could only be read until now; raises while that is so."""
        if is_frozen(self._path):
            raise Unavailable(self._sentence(_CAUSES["SQLITE_READONLY"]))
        with self._opening:  # those who only read share an index that cannot be written
            self._life += 1
            self._close_all()
            writer = self._connect()
            writer.execute("BEGIN IMMEDIATE").execute("ROLLBACK")
            self._writer = writer
        return writer

    def _reader(self) -> sqlite3.Connection:
        life, connection = getattr(self._local, "connection", (-1, None))
        if connection is None or life != self._life:
            with self._opening:
                connection = self._frozen() if self._writer is None else self._connect()
                self._local.connection = (self._life, connection)
        return connection

    def _frozen(self) -> sqlite3.Connection:
        connection = connect_frozen(self._path, _WAIT)
        with self._opening:
            self._connections.append(connection)
        return connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=_WAIT, isolation_level=None, check_same_thread=False
        )
        try:
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}").fetchall()
        except sqlite3.Error:
            connection.close()
            raise
        with self._opening:
            self._connections.append(connection)
        return connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise self._unavailable(error) from error

    def _unavailable(self, error: sqlite3.DatabaseError) -> Unavailable:
        name = str(getattr(error, "sqlite_errorname", ""))
        kind = "_".join(name.split("_")[:2])
        cause = _CAUSES.get(kind, f"SQLite says: {error}")
        return Unavailable(self._sentence(cause))

    def _sentence(self, cause: str) -> str:
        return f"The store {self._path.name} does not answer: {cause}."
