"""The names of a log: numbered as they come, and in order whenever somebody asks.

A dictionary knows the names of one column by their 64-bit hashes, in sorted runs, so that numbering
a stretch of the log compares numbers. A name itself is touched once when it is new, and once when
it takes its place among the sorted ones.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from splitshelf.collect.stores.packing import Pack
from splitshelf.core.arrays import Ints, Longs
from splitshelf.core.texts import Texts

NAMED: Final = ("shopper", "product", "exposure", "context")
"""Columns whose names are handed out, sorted."""
NUMBERED: Final = ("session", "order")
"""Columns where only the number matters."""
KINDS: Final = (*NAMED, *NUMBERED)
_GROWTH = 8
"""A run is merged into the one before it unless that is this many times longer."""
_STRIDE = 64
"""Every so many sorted names one is decoded, to look for others between these."""

Hashes: TypeAlias = NDArray[np.uint64]


class Names(NamedTuple):
    """Some names of one column, in the order of their codes."""

    hashes: Hashes
    """uint64 [names]: XXH3 of each."""
    texts: Sequence[str]
    """Empty for a column that is only numbered."""


class _Run(NamedTuple):
    """Names by their hashes."""

    hashes: Hashes
    """uint64, rising."""
    codes: Ints
    """int32: of each."""


NO_NAMES: Final = Names(np.empty(0, dtype=np.uint64), ())
_NO_TEXTS: Final = Texts.packed(())
_NO_RANKS: Final = np.empty(0, dtype=np.int32)


class Dictionary:
    """Every name of one column that has a code: 0, 1, ... as they came."""

    def __init__(
        self, runs: Iterable[_Run] = (), texts: Texts = _NO_TEXTS, ranks: Ints = _NO_RANKS
    ) -> None:
        self._runs = list(runs)
        self._texts = texts
        self._ranks = ranks
        self._later: list[str] = []  # of the codes that have no rank yet

    def __len__(self) -> int:
        return sum(len(run.hashes) for run in self._runs)

    def intern(self, names: Names) -> tuple[Ints, Names]:
        """The codes of some names, and those among them that are new; these are known from now."""
        codes = np.full(len(names.hashes), -1, dtype=np.int32)
        for run in self._runs:
            places = np.searchsorted(run.hashes, names.hashes)
            places[places == len(run.hashes)] = 0
            same = run.hashes[places] == names.hashes
            codes[same] = run.codes[places[same]]
        new = np.flatnonzero(codes < 0)
        if not len(new):
            return codes, NO_NAMES
        known = len(self)
        codes[new] = np.arange(known, known + len(new), dtype=np.int32)
        texts = [names.texts[place] for place in new.tolist()] if len(names.texts) else ()
        self._later.extend(texts)
        self._take_in(names.hashes[new], codes[new])
        return codes, Names(names.hashes[new], texts)

    def ranked(self) -> tuple[Texts, Ints]:
        """All names sorted, and the place of each code among them, int32."""
        if self._later:
            order = sorted(range(len(self._later)), key=self._later.__getitem__)
            before, self._texts = _merged(self._texts, [self._later[place] for place in order])
            places = np.empty(len(order), dtype=np.int32)
            places[order] = before + np.arange(len(order))
            shifts = np.cumsum(np.bincount(before, minlength=len(self._ranks) + 1))
            moved = self._ranks + shifts[self._ranks].astype(np.int32)
            self._ranks = np.concatenate([moved, places])
            self._later = []
        return self._texts, self._ranks

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that `restored` needs."""
        texts, ranks = self.ranked()
        whole = _joined(self._runs) if self._runs else _Run(NO_NAMES.hashes, _NO_RANKS)
        return {
            "hashes": whole.hashes,
            "codes": whole.codes,
            "text": texts.text,
            "sizes": texts.sizes(),
            "ranks": ranks,
        }

    @classmethod
    def restored(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The dictionary that `arrays` was made from."""
        run = _Run(arrays["hashes"], arrays["codes"])
        texts = Texts.sized(arrays["text"], arrays["sizes"])
        return cls([run] if len(run.hashes) else [], texts, arrays["ranks"])

    def _take_in(self, hashes: Hashes, codes: Ints) -> None:
        order = np.argsort(hashes)
        self._runs.append(_Run(hashes[order], codes[order]))
        while len(self._runs) > 1 and len(self._runs[-2].hashes) < _GROWTH * len(
            self._runs[-1].hashes
        ):
            self._runs[-2:] = [_joined(self._runs[-2:])]


Dictionaries: TypeAlias = Mapping[str, Dictionary]
"""By the names in KINDS."""


def no_names() -> Dictionaries:
    """Dictionaries that know nothing yet."""
    return {kind: Dictionary() for kind in KINDS}


def arrays_of(known: Dictionaries) -> dict[str, NDArray[Any]]:
    """All that `read_from` needs."""
    return {
        f"{kind}.{name}": array
        for kind, dictionary in known.items()
        for name, array in dictionary.arrays().items()
    }


def read_from(pack: Pack) -> Dictionaries:
    """The dictionaries whose arrays a file holds."""
    arrays: dict[str, dict[str, NDArray[Any]]] = {kind: {} for kind in KINDS}
    for title, one in pack.items():
        kind, name = title.split(".")
        arrays[kind][name] = one.whole()
    return {kind: Dictionary.restored(arrays[kind]) for kind in KINDS}


def _joined(runs: Sequence[_Run]) -> _Run:
    """One run of several; the first is taken for the longest."""
    hashes, codes = runs[0]
    for run in runs[1:]:
        places = np.searchsorted(hashes, run.hashes)
        hashes = np.insert(hashes, places, run.hashes)
        codes = np.insert(codes, places, run.codes)
    return _Run(hashes, codes)


def _merged(texts: Texts, names: Sequence[str]) -> tuple[Longs, Texts]:
    """How many of the texts come before each of some sorted names, and all of them together."""
    new = Texts.packed(names)
    before = _count_before(texts, names)
    cuts = [0, *texts.offsets[before].tolist(), len(texts.text)]
    starts = new.offsets.tolist()
    parts = [texts.text[: cuts[1]]]
    for place in range(len(new)):
        parts.append(new.text[starts[place] : starts[place + 1]])
        parts.append(texts.text[cuts[place + 1] : cuts[place + 2]])
    sizes = np.insert(texts.sizes(), before, new.sizes())
    return before, Texts.sized(np.concatenate(parts), sizes)


def _count_before(texts: Texts, names: Iterable[str]) -> Longs:
    """How many of the sorted texts come before each name, int64."""
    last, before = len(texts), []
    marks = [texts.bytes_of(place) for place in range(0, last, _STRIDE)]
    for name in map(str.encode, names):  # UTF-8 sorts as its letters do
        start = max(bisect_left(marks, name) - 1, 0) * _STRIDE
        near = range(start, min(start + _STRIDE, last))
        before.append(start + bisect_left(near, name, key=texts.bytes_of))
    return np.array(before, dtype=np.int64)
