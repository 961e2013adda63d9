"""Histories on disk: files of acts sorted by shopper and time, read where they lie.

A run holds the acts of a stretch of the log. It is made from the log alone and never changed, so
that it may be deleted at any time; what it held is then read from the log again. The files belong
to one epoch of the log: when events are taken out, the runs of the next epoch are written first.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from xxhash import xxh3_64_intdigest

from splitshelf.collect.stores.walking import Buffer, Owners, gather, owner_of, walk
from splitshelf.core.arrays import Bools, Longs

_MAGIC: Final = 0x31_6E_75_52_74_69_6C_70  # "plitRun1"
HEADER: Final = 8
"""int64 words at the start of a file: a mark, how many shoppers, acts and bytes, first and last
moment, checksum, 0. After them come the fields of `Acts`."""


class Acts(NamedTuple):
    """Some acts, sorted by shopper, then by time, then by arrival."""

    owners: Owners
    """uint64 [shoppers]: the hash of each shopper, rising."""
    firsts: Longs
    """int64 [shoppers + 1]: the first act of each."""
    times: Longs
    """int64 [acts]: microseconds UTC."""
    ends: Longs
    """int64 [acts + 1]: where each body begins, and where the last one ends."""
    bodies: Buffer
    """uint8: the bodies, one after the other."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Which part of the log a run holds."""

    epoch: int
    level: int
    """How many times it was merged."""
    after_seq: int
    """The batch before its first."""
    last_seq: int

    def named(self, folder: Path) -> Path:
        """Its file."""
        name = f"{self.epoch:06}-{self.level}-{self.after_seq}-{self.last_seq}.run"
        return folder / name


class Run:
    """One file, mapped into memory; any thread and process may read it."""

    def __init__(self, path: Path, stretch: Stretch) -> None:
        """Raises ValueError where the file is not whole, FileNotFoundError where it is not there.

        A run that was never merged is read through to know: it was written without a sync.
        """
        self.stretch = stretch
        self.path = path
        content = np.memmap(path, dtype=np.uint8, mode="r").view(np.ndarray)  # quicker to slice
        self.content = content
        if len(content) < HEADER * 8:
            raise ValueError(path)
        magic, shoppers, acts, size, first, last, checksum, _ = content[:64].view(np.int64).tolist()
        if magic != _MAGIC or size != len(content):
            raise ValueError(path)
        self.first_at, self.last_at = first, last
        words = content[64 : 64 + 8 * (2 * shoppers + 2 * acts + 2)].view(np.int64)
        owners, firsts, times, ends = np.split(words, np.cumsum([shoppers, shoppers + 1, acts]))
        bodies = content[64 + 8 * len(words) :]
        if not stretch.level and _checksum([words, bodies]) != checksum:
            raise ValueError(path)
        self.acts = Acts(owners.view(np.uint64), firsts, times, ends, bodies)


def compile_kernels() -> None:
    """Return once the kernels are loaded, or compiled where they never ran on this machine."""
    sorted_acts(b"", 0)
    owner_of("nobody")


def sorted_acts(bodies: bytes, count: int) -> Acts:
    """The acts among the joined bodies of `count` events, sorted."""
    found = walk(bodies, count)
    chosen = np.flatnonzero(found.acts)
    return _sorted(
        [np.frombuffer(bodies, dtype=np.uint8)],
        [found.begins[chosen]],
        [found.begins[chosen + 1] - found.begins[chosen]],
        found.owners[chosen],
        found.times[chosen],
    )


def merged(runs: Sequence[Run]) -> Acts:
    """The acts of runs that follow one another, sorted."""
    acts = [run.acts for run in runs]
    return _sorted(
        [one.bodies for one in acts],
        [one.ends[:-1] for one in acts],
        [np.diff(one.ends) for one in acts],
        np.concatenate([np.repeat(one.owners, np.diff(one.firsts)) for one in acts]),
        np.concatenate([one.times for one in acts]),
    )


def kept(run: Run, wanted: Bools) -> Acts:
    """The acts of a run that are wanted, still sorted."""
    acts = run.acts
    chosen = np.flatnonzero(wanted)
    owners = np.repeat(acts.owners, np.diff(acts.firsts))[chosen]
    begins, lengths = acts.ends[:-1][chosen], np.diff(acts.ends)[chosen]
    return _sorted([acts.bodies], [begins], [lengths], owners, acts.times[chosen])


def write_run(folder: Path, stretch: Stretch, acts: Acts) -> Run:
    """A new run: written aside, then named, so that nobody reads half a file."""
    folder.mkdir(exist_ok=True)
    path = stretch.named(folder)
    columns = [acts.owners.view(np.int64), acts.firsts, acts.times, acts.ends]
    words = np.concatenate([np.zeros(HEADER, dtype=np.int64), *columns])
    size = words.nbytes + acts.bodies.nbytes
    span = (acts.times.min(), acts.times.max()) if len(acts.times) else (0, 0)
    checksum = _checksum([words[HEADER:], acts.bodies])
    words[:HEADER] = (_MAGIC, len(acts.owners), len(acts.times), size, *span, checksum, 0)
    aside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with aside.open("wb") as file:
        file.write(words.data)
        file.write(acts.bodies.data)
        if stretch.level:
            os.fsync(file.fileno())
    aside.replace(path)
    return Run(path, stretch)


def _sorted(
    buffers: Sequence[Buffer],
    begins: Sequence[Longs],
    lengths: Sequence[Longs],
    owners: Owners,
    times: Longs,
) -> Acts:
    """The pieces of some buffers in the order of their owners, then their times."""
    order = np.lexsort((times, owners))
    sizes = np.concatenate(lengths)
    ends = np.zeros(len(order) + 1, dtype=np.int64)
    np.cumsum(sizes[order], out=ends[1:])
    places = np.empty(len(order), dtype=np.int64)
    places[order] = ends[:-1]
    bodies = np.empty(ends[-1], dtype=np.uint8)
    stop = 0
    for buffer, begin, length in zip(buffers, begins, lengths, strict=True):
        start, stop = stop, stop + len(begin)
        gather(buffer, begin, length, places[start:stop], bodies)
    owners = owners[order]
    changes = np.flatnonzero(np.append(np.True_, owners[1:] != owners[:-1])[: len(owners)])
    firsts = np.append(changes, len(owners)).astype(np.int64)
    return Acts(owners[changes], firsts, times[order], ends, bodies)


def _checksum(parts: Sequence[np.ndarray]) -> int:
    """63 bits of XXH3 over all parts, each seeded with the one before."""
    found = 0
    for part in parts:
        found = xxh3_64_intdigest(part.data, seed=found)
    return found & (2**63 - 1)
