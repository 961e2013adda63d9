"""Reads session files: training sessions and test prefixes with their targets, one a line."""

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import numpy as np

from splitshelf.core.arrays import Ints, Longs
from splitshelf.core.errors import InputError
from splitshelf.core.protocols import Rng
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.evaluation.questions import Questions

MINUTE = 60_000_000


Item: TypeAlias = int | str


class Prefix(msgspec.Struct, frozen=True):
    """One test question."""

    prefix: list[Item]
    """Oldest first."""
    target: Item


@dataclass(frozen=True, slots=True)
class Visits:
    """A train and a test file, items coded alike."""

    past: Dataset
    """One shopper a session; sessions begin a minute apart, in the order of the file."""
    questions: Questions


def read_files(train: Path, test: Path, rng: Rng) -> Visits:
    """The sessions of `train` (a list of items a line, oldest session first) and questions of
    `test` (a line {"prefix": [...], "target": item}); item numbers are shuffled.
    """  # noqa: D205 (one sentence)
    sessions = _decode(train, list[Item])
    prefixes = _decode(test, Prefix)
    if not sessions or not prefixes:
        raise InputError(f"{train if not sessions else test}: holds no line.")
    items = {row.target for row in prefixes}.union(*sessions, *(row.prefix for row in prefixes))
    numbers = sorted(items, key=lambda item: (isinstance(item, str), item))
    codes = dict(zip(numbers, rng.permutation(len(numbers)).tolist(), strict=True))

    def code(rows: Sequence[Sequence[Item]]) -> tuple[Longs, Ints]:
        offsets = np.cumsum([0, *map(len, rows)], dtype=np.int64)
        flat = (codes[item] for row in rows for item in row)
        return offsets, np.fromiter(flat, np.int32, offsets[-1])

    past = timed(Dataset.from_rows(*code(sessions), len(numbers)))
    asked = Dataset.from_rows(*code([row.prefix for row in prefixes]), len(numbers))
    _, targets = code([[row.target] for row in prefixes])
    asked = replace(asked, times=asked.times + past.until)
    return Visits(past, _questions(asked, targets, [row.prefix for row in prefixes]))


def timed(dataset: Dataset) -> Dataset:
    """The sessions moved so that they begin a minute apart, their clicks a second apart."""
    place = np.arange(len(dataset)) - np.repeat(dataset.offsets[:-1], np.diff(dataset.offsets))
    times = dataset.shoppers().astype(np.int64) * MINUTE + place * 1_000_000
    return replace(dataset, times=times, until=int(times.max(initial=0)) + 1)


def _questions(asked: Dataset, targets: Ints, prefixes: Sequence[list[Item]]) -> Questions:
    n = len(targets)
    return Questions(
        source=asked,
        starts=asked.offsets[:-1],
        stops=asked.offsets[1:],
        relevant=targets,
        offsets=np.arange(n + 1),
        units=_sessions(prefixes),
        mask_seen=False,
    )


def _sessions(prefixes: Sequence[list[Item]]) -> Longs:
    """A number a test session: neighbouring lines where one prefix begins the other are of one."""
    same = [
        before[: len(now)] == now or now[: len(before)] == before
        for before, now in pairwise(prefixes)
    ]
    return np.cumsum([0, *(not s for s in same)]).astype(np.int64)


def _decode(path: Path, kind: Any) -> list:  # noqa: ANN401 (a union is no type to pyright)
    """The lines of a file, gzipped where its name ends in .gz."""
    decoder = msgspec.json.Decoder(kind)
    rows = []
    for number, line in enumerate(_lines(path), 1):
        try:
            rows.append(decoder.decode(line))
        except msgspec.MsgspecError as error:
            raise InputError(f"{path}:{number}: {error}; see the command's --help.") from error
    return [row for row in rows if row if not isinstance(row, list) or len(row) > 0]


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            yield from (line for line in file if line.strip())
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error}.") from error
