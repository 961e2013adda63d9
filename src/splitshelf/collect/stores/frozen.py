"""Reading an SQLite store whose disk takes no writes: shelves go on, events wait for the disk."""

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

_LOOK = "SELECT count(*) FROM sqlite_master"


def is_frozen(path: Path) -> bool:
    """Whether a file that is there cannot be written, or nothing beside it."""
    return path.is_file() and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))


def connect_frozen(path: Path, timeout: float) -> sqlite3.Connection:
    """A connection that writes nothing; the write-ahead log is read too where that is possible.

    Without the index of that log, which SQLite would have to write, only the file itself is read.
    Raises sqlite3.Error where not even that works.
    """
    uri = f"file:{quote(str(path.absolute()))}?mode=ro"
    try:
        return _opened(uri, timeout)
    except sqlite3.OperationalError:
        return _opened(f"{uri}&immutable=1", timeout)


def _opened(uri: str, timeout: float) -> sqlite3.Connection:
    connection = sqlite3.connect(
        uri, uri=True, timeout=timeout, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute(_LOOK).fetchall()
    except sqlite3.Error:
        connection.close()
        raise
    return connection
