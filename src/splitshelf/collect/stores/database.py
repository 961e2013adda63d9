"""What a database must be able to do so that the tables of a store can stand on it."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeAlias

Row: TypeAlias = tuple[Any, ...]


class Session(Protocol):
    """One transaction, or one run of reads that see the same moment."""

    def version(self) -> int | None:
        """A number that differs when another connection has written; None where there is none."""
        ...

    def rows(self, sql: str, *parameters: object) -> list[Row]:
        """The answer to one statement; `?` stands for a parameter on every database."""
        ...

    def run(self, sql: str, *parameters: object) -> int:
        """How many rows the statement changed."""
        ...

    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> int:
        """How many rows the statement changed, run once for each row of parameters."""
        ...


class Database(Protocol):
    """A door to SQLite or PostgreSQL. Any thread may call it; errors come out as Unavailable."""

    @property
    def dialect(self) -> Mapping[str, str]:
        """The words in which databases differ, filled into the migrations: text, bytes, ..."""
        ...

    def rows(self, sql: str, *parameters: object) -> list[Row]:
        """The answer to one reading statement: the short way for a single look-up."""
        ...

    def run(self, sql: str, *parameters: object) -> int:
        """How many rows one statement changed, durable at return: the short way for a single write.

        On a database of many writers the statement itself must see to it that no other one writes
        (`alone` in the dialect).
        """
        ...

    def reading(self) -> AbstractContextManager[Session]:
        """A session whose reads all see the same moment."""
        ...

    def writing(self) -> AbstractContextManager[Session]:
        """A session that alone writes; durable at the end, undone when an exception leaves it."""
        ...

    def close(self) -> None:
        """Release every connection."""
        ...
