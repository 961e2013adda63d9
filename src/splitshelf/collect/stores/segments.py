"""Sealed parts of the log: Parquet files with interned ids, beside the store.

The log stays the truth: a segment can be deleted at any time and is made again. Segment n holds
the events numbered from n * SEGMENT in the order of arrival, rounded to whole batches, so that
every process that seals makes the same files.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

import duckdb
import numpy as np
from numpy.typing import NDArray

from splitshelf.collect.stores.columns import (
    KINDS,
    NAMED,
    NO_NAMES,
    ROW,
    UNSAID,
    Columns,
    Dictionaries,
    Dictionary,
    Names,
    no_names,
)

SEGMENT: Final = 65_536
"""Events in a segment: what is not sealed is decoded anew by every scan, four microseconds each."""
_FORM: Final = 3
"""Of the files; those of an earlier form lack something, and are made again from the log."""
_NAME: Final = re.compile(rf"(\d+)-(\d+)-(\d+)_(-?\d+)_(-?\d+)_{_FORM}\.parquet")


@dataclass(frozen=True, slots=True)
class Segment:
    """One sealed part, as its file name tells."""

    path: Path
    epoch: int
    """Of the log when it was sealed: a later one has lost events that this one holds."""
    number: int
    last_seq: int
    """The newest batch in it."""
    first_at: int
    last_at: int


class Segments:
    """The folder of segments of one store."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def sealed(self, epoch: int) -> Iterator[Segment]:
        """The segments of an epoch from the first one on, without a gap; others are removed."""
        found = {}
        for segment in self._files():
            if segment.epoch == epoch:
                found[segment.number] = segment
            else:
                _remove(segment.path)
        number = 0
        while number in found:
            yield found[number]
            number += 1

    def names(self, segments: Sequence[Segment]) -> Dictionaries:
        """What the codes in some segments stand for; they must begin with the first one."""
        if not segments:
            return no_names()
        files = [_names_of(segment.path) for segment in segments]
        numbers = _load(files, "kind, hash")
        named = _load(files, "kind, name", f"kind < {len(NAMED)}")  # only these have texts
        sorted_by = _order_of(segments[-1].path)
        order = _load([sorted_by]) if sorted_by.exists() else None
        known = {}
        for number, kind in enumerate(KINDS):
            texts = named["name"][named["kind"] == number] if kind in NAMED else NO_NAMES.texts
            places = None if order is None else order["code"][order["kind"] == number]
            known[kind] = Dictionary(
                Names(numbers["hash"][numbers["kind"] == number], texts), places
            )
        return known

    def columns(self, segments: Sequence[Segment]) -> Columns:
        """The columns of some segments, one after the other."""
        found = _load([segment.path for segment in segments])
        length = len(found["at"])
        absent = {
            name: np.full(length, UNSAID[name], dtype=ROW[name])
            for name in UNSAID
            if name not in found
        }
        return {name: _plain(name, column) for name, column in (found | absent).items()}

    def outlived(self, seq: int) -> None:
        """Remove all where one reaches past the newest batch: the store is an older copy."""
        if any(segment.last_seq > seq for segment in self._files()):
            self.forget()

    def _files(self) -> Iterator[Segment]:
        for path in self._folder.glob("*.parquet"):
            if match := _NAME.fullmatch(path.name):
                yield Segment(path, *map(int, match.groups()))
            else:
                _remove(path)

    def forget(self) -> None:
        """Remove all segments: one that cannot be read spoils the codes of the later ones."""
        for path in self._folder.glob("*.parquet"):
            _remove(path)

    def write(
        self, epoch: int, number: int, last_seq: int, columns: Columns, new: Mapping[str, Names]
    ) -> None:
        """Seal a part: written aside, then named, so that nobody reads half a file."""
        self._folder.mkdir(exist_ok=True)
        at = columns["at"]
        first, last = (at.min(), at.max()) if len(at) else (0, 0)
        path = self._folder / f"{epoch:06}-{number:06}-{last_seq}_{first}_{last}_{_FORM}.parquet"
        names = [new[kind] for kind in KINDS]
        texts = [one.texts if len(one.texts) else np.full(len(one.hashes), "") for one in names]
        table = {
            "kind": _repeated([len(one.hashes) for one in names]),
            "hash": np.concatenate([one.hashes for one in names]),
            "name": np.concatenate([one.astype(np.object_) for one in texts]),
        }
        _save(_names_of(path), table)
        _save(path, {name: column for name, column in columns.items() if not _unsaid(name, column)})

    def sort(self, segment: Segment, known: Dictionaries) -> None:
        """Put down the order of all names up to a segment, so that no reader need sort them."""
        orders = [
            dictionary.sorted(np.ones(len(dictionary.known.texts), dtype=np.bool_))
            for dictionary in known.values()
        ]
        codes = np.concatenate(orders).astype(np.int32)
        for path in self._folder.glob("*.order"):
            path.unlink(missing_ok=True)
        table = {"kind": _repeated(list(map(len, orders))), "code": codes}
        _save(_order_of(segment.path), table)


def _repeated(counts: Sequence[int]) -> NDArray[np.int8]:
    """The numbers 0, 1, ... each as often as said."""
    return np.repeat(np.arange(len(counts), dtype=np.int8), counts)


def _order_of(path: Path) -> Path:
    """Where the order of all names up to a segment lies, if it is the newest."""
    return path.with_suffix(".order")


def _names_of(path: Path) -> Path:
    """Where the names of a segment lie; the file of the events is named last."""
    return path.with_suffix(".names")


def _save(path: Path, table: Mapping[str, NDArray[Any]]) -> None:
    aside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with _duckdb() as connection:
        connection.register("columns", dict(table))
        connection.execute(f"COPY columns TO '{_quoted(aside)}' (FORMAT parquet, COMPRESSION zstd)")
    with aside.open("rb") as file:
        os.fsync(file.fileno())
    aside.replace(path)


def _load(paths: Sequence[Path], columns: str = "*", chosen: str = "true") -> Columns:
    """Columns of the rows that are chosen in some files, in the order of the files."""
    with _duckdb() as connection:
        query = f"SELECT {columns} FROM read_parquet(?, union_by_name = true) WHERE {chosen}"  # noqa: S608 (words of our own)
        found = connection.execute(query, [[str(path) for path in paths]]).fetchnumpy()
    return cast("Columns", found)  # no column of ours is categorical


def _unsaid(name: str, column: NDArray[Any]) -> bool:
    """Whether nobody said anything in a column, so that a file need not hold it."""
    if name not in UNSAID:
        return False
    missing = UNSAID[name]
    return bool(np.isnan(column).all() if np.isnan(missing) else (column == missing).all())


def _duckdb() -> duckdb.DuckDBPyConnection:
    connection = _database().cursor()
    connection.execute("SET enable_progress_bar = false")  # standard output is not ours
    return connection


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """One database in memory for all: it takes longer to open than to read a segment."""
    return duckdb.connect()


def _plain(name: str, column: object) -> NDArray[Any]:
    """The column without a mask: DuckDB takes nan, and what a file does not hold, for missing."""
    if isinstance(column, np.ma.MaskedArray):
        column = column.filled(UNSAID.get(name, 0))
    return np.asarray(column).astype(ROW[name], copy=False)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _remove(path: Path) -> None:
    for one in (path, _names_of(path), _order_of(path)):
        with suppress(OSError):
            one.unlink()
