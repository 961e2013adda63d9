"""The neighbour tables of an artefact, side by side for all its models; kept beside it.

To bring the rows of a million products together takes seconds, so what comes of it is written down
for the next start, which maps it. What was mapped is copied into memory of our own beside the first
requests: a file is mapped in pages of 4 kB, and a request reads some twenty strips, each in a page
of its own, while the system is asked for pages of 2 MB for what is ours.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from threading import Thread, local

import msgspec
import numpy as np

from splitshelf.learn.models.content import Content
from splitshelf.learn.models.context import ContextModel
from splitshelf.learn.neighbours import NeighbourModel
from splitshelf.serve import notes
from splitshelf.serve.kernels import UNTOUCHED, Scratch
from splitshelf.serve.strips import Strips, strips_of

_FOLDER, _ABOUT = "strips", "about.json"
_FORM = 1
"""Of the files; another one is not read."""
WORTH = 1 << 20
"""Entries of tables that are worth writing down for the next start."""
_SHARE = 4
"""What is copied near may take so little of the memory that is free: one part in four."""


@dataclass(frozen=True, slots=True)
class Rows:
    """One neighbour table of a sum."""

    model: NeighbourModel
    weight: float
    content: Content | None = None
    """Where the neighbours are those of attributes."""
    around: ContextModel | None = None
    """Where the rows are those of moments, which stand behind one empty row a product."""

    @property
    def source(self) -> int:
        """Of whom the table is: rows of one source are the same."""
        return id(self.around or self.content or self.model)


class About(msgspec.Struct, frozen=True, kw_only=True):
    """Of which tables the strips are."""

    form: int = _FORM
    products: int
    tables: list[tuple[str, int, int, float]]
    """Name, sources, entries and decay of each."""


class Tables:
    """Some tables of n products, side by side."""

    def __init__(self, rows: Iterable[Rows], n: int, folder: Path | None = None) -> None:
        """`rows` may name a table twice; `folder` is that of the artefact they are all of."""
        self.rows = list({one.source: one for one in rows}.values())
        self._followers: list[Callable[[Strips], None]] = []
        about = About(products=n, tables=[_described(one.model) for one in self.rows])
        kept = None if folder is None else _read(folder, about)
        tables = [one.model.neighbours for one in self.rows]
        decays = [one.model.decay for one in self.rows]
        self.strips, self.n = kept or strips_of(tables, decays, n), n
        self.own = Own(self.strips, n)
        if kept is None and folder is not None and sum(len(t.products) for t in tables) >= WORTH:
            notes.beside(_write, folder, about, self.strips)
        if kept is not None and kept.cells.nbytes + kept.starts.nbytes < _free() / _SHARE:
            Thread(target=self._draw_near, name="draw-near", daemon=True).start()

    def place(self, row: Rows) -> int:
        """Which of the tables a row is of."""
        return [one.source for one in self.rows].index(row.source)

    def follow(self, told: Callable[[Strips], None]) -> None:
        """Have somebody told of the strips, now and when they lie elsewhere."""
        self._followers.append(told)
        told(self.strips)

    def _draw_near(self) -> None:
        starts, cells = np.array(self.strips.starts), np.array(self.strips.cells)
        self.strips = Strips(starts, cells, cells.view(np.float32), self.strips.counted)
        for told in list(self._followers):
            told(self.strips)


class Own(local):
    """What each thread writes on."""

    def __init__(self, strips: Strips, n: int) -> None:
        longest = int(np.diff(strips.starts).max(initial=0))
        none, room = np.full(n, UNTOUCHED), np.empty(n + 1, dtype=np.int32)
        self.scratch = Scratch(none, room, np.empty(longest))


def _described(model: NeighbourModel) -> tuple[str, int, int, float]:
    rows = model.neighbours
    return model.name, len(rows.offsets) - 1, len(rows.products), model.decay


def _read(folder: Path, about: About) -> Strips | None:
    """The strips that were written down of these tables; None where none were."""
    folder /= _FOLDER
    try:
        if msgspec.json.decode((folder / _ABOUT).read_bytes(), type=About) != about:
            return None
        starts, cells, counted = (
            notes.mapped(folder / f"{name}.npy") for name in ("starts", "cells", "counted")
        )
    except (OSError, ValueError, msgspec.DecodeError):
        return None
    return Strips(starts, cells, cells.view(np.float32), counted)


def _write(folder: Path, about: About, strips: Strips) -> None:
    with notes.replaced(folder, _FOLDER) as aside:
        for name in ("starts", "cells", "counted"):
            np.save(aside / f"{name}.npy", getattr(strips, name), allow_pickle=False)
        (aside / _ABOUT).write_bytes(msgspec.json.encode(about))


def _free() -> float:
    """Bytes of memory that are free for us; endless where the system does not tell."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return np.inf
    found = [line.split() for line in lines if line.startswith("MemAvailable")]
    return 1024.0 * int(found[0][1]) if found else np.inf
