"""Sealed parts of the log: files of columns with interned ids, beside the store.

The log stays the truth: a segment can be deleted at any time and is made again. Segment n holds
the events numbered from n * SEGMENT in the order of arrival, rounded to whole batches, so that
every process that seals makes the same files: Parquet with the columns and with the names that are
new in it, for any program that reads that, and the columns once more as arrays, for this one.
"""

import os
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, Final, cast

import duckdb
import numpy as np
from numpy.typing import NDArray

from splitshelf.collect.stores.columns import UNSAID, Columns, Joint
from splitshelf.collect.stores.dictionaries import (
    KINDS,
    NAMED,
    Dictionaries,
    Names,
    arrays_of,
    no_names,
    read_from,
)
from splitshelf.collect.stores.packing import packed, read_pack, write_pack

SEGMENT: Final = 65_536
"""Events in a segment: what is not sealed is decoded anew by every scan, four microseconds each."""
_FORM: Final = 4
"""Of the files; those of an earlier form lack something, and are made again from the log."""
_BESIDE: Final = (".names", ".columns", ".dictionary", ".order")
"""Files of a segment beside its Parquet; the last is of an earlier form."""
_NAME: Final = re.compile(rf"(\d+)-(\d+)-(\d+)_(-?\d+)_(-?\d+)_(\d+)_{_FORM}\.parquet")


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
    events: int


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
        known, later = self._dictionary(segments)
        if later:
            names = _load([_names_of(segment.path) for segment in later])
            for number, kind in enumerate(KINDS):
                rows = names["kind"] == number
                texts = names["name"][rows].tolist() if kind in NAMED else ()
                known[kind].intern(Names(names["hash"][rows], texts))
        return known

    def _dictionary(self, segments: Sequence[Segment]) -> tuple[Dictionaries, Sequence[Segment]]:
        """The newest one put down, and the segments that came after it."""
        for number in range(len(segments), 0, -1):
            path = _dictionary_of(segments[number - 1].path)
            if path.exists():
                return read_from(read_pack(path)), segments[number:]
        return no_names(), segments

    def columns(self, segments: Sequence[Segment], rest: Columns, known: Dictionaries) -> Columns:
        """The columns of some segments and then the rest, with the places of names for codes."""
        starts = np.cumsum([0, *(segment.events for segment in segments)]).tolist()
        joint = Joint(starts[-1] + len(rest["at"]), known)
        joint.put(starts[-1], packed(rest))
        paths = [_columns_of(segment.path) for segment in segments]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            deque(pool.map(lambda start, path: joint.put(start, read_pack(path)), starts, paths))
        return joint.columns()

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
        name = f"{epoch:06}-{number:06}-{last_seq}_{first}_{last}_{len(at)}_{_FORM}.parquet"
        path = self._folder / name
        _save(_names_of(path), _table_of(new))
        write_pack(_columns_of(path), columns)
        _save(path, {name: column for name, column in columns.items() if not _unsaid(name, column)})

    def put_down(self, segment: Segment, known: Dictionaries) -> None:
        """Put down all names up to a segment, so that no reader need number or sort them."""
        write_pack(_dictionary_of(segment.path), arrays_of(known))
        for path in self._folder.glob("*.dictionary"):
            if path != _dictionary_of(segment.path):
                path.unlink(missing_ok=True)


def _table_of(new: Mapping[str, Names]) -> Columns:
    """Names as rows: the number of the kind, the hash, and the text where it is handed out."""
    names = [new[kind] for kind in KINDS]
    texts = [one.texts or [""] * len(one.hashes) for one in names]
    return {
        "kind": np.repeat(np.arange(len(KINDS), dtype=np.int8), [len(one.hashes) for one in names]),
        "hash": np.concatenate([one.hashes for one in names]),
        "name": np.array(list(chain.from_iterable(texts)), dtype=np.object_),
    }


def _dictionary_of(path: Path) -> Path:
    """Where all names up to a segment lie, if it is the newest."""
    return path.with_suffix(".dictionary")


def _columns_of(path: Path) -> Path:
    """Where the columns of a segment lie as this program reads them."""
    return path.with_suffix(".columns")


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


def _load(paths: Sequence[Path]) -> Columns:
    """The columns of some files, in the order of the files."""
    with _duckdb() as connection:
        found = connection.execute(
            "SELECT * FROM read_parquet(?)", [[str(path) for path in paths]]
        ).fetchnumpy()
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


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _remove(path: Path) -> None:
    for suffix in (path.suffix, *_BESIDE):
        with suppress(OSError):
            path.with_suffix(suffix).unlink()
