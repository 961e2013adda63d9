"""Who turned to what under which name of a moment: what evidence of context is counted from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numba import njit
from scipy import sparse

from splitshelf.core.arrays import Floats, Ints, Longs
from splitshelf.core.circumstances import CIRCUMSTANCES, read_told
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.dataset.order import group
from splitshelf.learn.matrices import Matrix
from splitshelf.learn.moments import CROSSED, QUARTER, TIMES, made_of, names_of_time

_FEW = 100
"""A name under which fewer pairs of shopper and product were seen is left out."""
_MOST = 2_000
"""Names of one dimension, those with most pairs."""
YEARS, SEASON_DAYS = 2, 28
"""A season says something only where so many of its years hold turns on so many days each: what was
seen once cannot be told from a trend."""
_QUARTERS = 96
"""Of a day."""
_HALF_A_YEAR = 182


@dataclass(frozen=True, slots=True)
class Dimension:
    """The names of one kind, each under its number."""

    name: str
    names: Sequence[str]
    within: Sequence[tuple[str, ...]]
    """For each name, those that it is made of; none where it stands alone."""
    counts: Matrix
    """int32 [names, products]: distinct shoppers who turned to a product under a name."""
    whole: Floats
    """float64 [products]: the same under any name or none, summed."""

    def compared(self, code: int) -> tuple[Floats, Floats]:
        """Of each product the shoppers under a name, and what its share of all lets expect."""
        counted = np.asarray(self.counts[[code]].todense(), dtype=np.float64)[0]
        return counted, self.whole * (counted.sum() / max(float(self.whole.sum()), 1.0))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All dimensions, those that go together last."""

    dimensions: Sequence[Dimension]
    popularity: Floats
    """float64 [products]: distinct shoppers of each."""


@dataclass(frozen=True, slots=True)
class _Coded:
    names: list[str]
    within: list[tuple[str, ...]]
    codes: Ints
    """int32 [turns]: -1 where a turn has no such name."""


def surroundings_of(dataset: Dataset, limit: int) -> Surroundings:
    """The counts of a dataset, of every k-th shopper where it has more than so many turns."""
    every = -(-len(dataset) // limit)
    if every > 1:
        dataset = dataset.select(dataset.shoppers() % every == 0)
    turns = dataset.turns()
    offsets, order = group(turns.products, dataset.n_products)
    everybody = np.arange(dataset.n_shoppers, dtype=np.int32)
    shoppers = np.repeat(everybody, np.diff(turns.offsets))[order]
    all_turns = np.zeros(len(order), dtype=np.int32)
    popularity = _counted(offsets, shoppers, all_turns, 1)
    found = dict(_coded(dataset))
    dimensions = []
    for name, coded in found.items():
        nameless = len(coded.names)
        codes = np.where(coded.codes < 0, nameless, coded.codes).astype(np.int32)[order]
        counts = _counted(offsets, shoppers, codes, nameless + 1)
        whole = np.asarray(counts.sum(axis=0), dtype=np.float64).ravel()
        kept = _often(counts[:nameless])
        if len(kept):
            names = [coded.names[code] for code in kept.tolist()]
            within = [coded.within[code] for code in kept.tolist()]
            dimensions.append(Dimension(name, names, within, counts[kept], whole))
    return Surroundings(dimensions, np.asarray(popularity.todense(), dtype=np.float64)[0])


def _often(counts: Matrix) -> Longs:
    """The names that were seen often enough, in their order."""
    seen = np.asarray(counts.sum(axis=1)).ravel()
    kept = np.flatnonzero(seen >= _FEW)
    return np.sort(kept[np.argsort(-seen[kept], kind="stable")[:_MOST]])


def _coded(dataset: Dataset) -> Iterator[tuple[str, _Coded]]:
    """Each dimension's name of each turn."""
    found: dict[str, _Coded] = {}
    turns = dataset.turns()
    quarters, where = np.unique(turns.times // QUARTER, return_inverse=True)
    rows = [names_of_time(quarter, dataset.zone) for quarter in quarters.tolist()]
    for place, name in enumerate(TIMES):
        names = [row[place] for row in rows]
        if name == "season":
            known = _seen_again(names, quarters)
            names = [one if one in known else "" for one in names]
        found[name] = _numbered(names, where)
    said = [read_told(text) for text in dataset.context_names]
    for name in CIRCUMSTANCES:
        values = [f"{name}={one[name]}" if name in one else "" for one in said]
        if any(values):
            found[name] = _numbered([*values, ""], turns.contexts)
    for left, right in CROSSED:
        if left in found and right in found:
            found[f"{left} {right}"] = _together(found[left], found[right])
    yield from found.items()


def _seen_again(names: Sequence[str], quarters: Longs) -> set[str]:
    """The seasons that a log has seen in two years; `quarters` says when each name was, rising.

    Days of one season less than half a year apart belong to the same year of it.
    """
    days: dict[str, list[int]] = {}
    for name, quarter in zip(names, quarters.tolist(), strict=True):
        mine = days.setdefault(name, [])
        day = quarter // _QUARTERS
        if not mine or mine[-1] != day:
            mine.append(day)
    return {name for name, mine in days.items() if _years(np.array(mine)) >= YEARS}


def _years(days: Longs) -> int:
    """How many of these years of a season have turns on enough days; days rise."""
    year = np.concatenate(([0], np.cumsum(np.diff(days) > _HALF_A_YEAR)))
    return int((np.bincount(year) >= SEASON_DAYS).sum())


def _numbered(names: Sequence[str], where: Ints | Longs) -> _Coded:
    """The turns that point into a list of names, which may hold one twice; "" is no name."""
    distinct = sorted({name for name in names if name})
    numbers = {name: code for code, name in enumerate(distinct)} | {"": -1}
    table = np.array([numbers[name] for name in names], dtype=np.int32)
    return _Coded(distinct, [made_of(name) for name in distinct], table[where])


def _together(left: _Coded, right: _Coded) -> _Coded:
    pairs = list(product(left.names, right.names))
    both = (left.codes >= 0) & (right.codes >= 0)
    codes = np.where(both, left.codes * len(right.names) + right.codes, -1)
    return _Coded([f"{one} {other}" for one, other in pairs], pairs, codes.astype(np.int32))


def _counted(offsets: Longs, shoppers: Ints, codes: Ints, names: int) -> Matrix:
    """The distinct shoppers of each name and product, int32 [names, products]."""
    products, found, counts = _distinct(offsets, shoppers, codes, names)
    shape = (names, len(offsets) - 1)
    return sparse.csr_array((counts, (found, products)), shape=shape)


@njit(cache=True, nogil=True)
def _distinct(offsets, shoppers, codes, names):  # noqa: ANN001, ANN202 (numba infers)
    """Each pair of product and name once, with its distinct shoppers; turns stand by product.

    The turns of a product stand by shopper.
    """
    stamps = np.full(names, -1, dtype=np.int64)
    counts = np.zeros(names, dtype=np.int32)
    touched = np.empty(names, dtype=np.int32)
    pairs = np.empty((3, len(codes)), dtype=np.int32)
    size = 0
    for thing in range(len(offsets) - 1):
        many = 0
        for turn in range(offsets[thing], offsets[thing + 1]):
            code = codes[turn]
            if stamps[code] == shoppers[turn]:
                continue
            stamps[code] = shoppers[turn]
            if counts[code] == 0:
                touched[many] = code
                many += 1
            counts[code] += 1
        for place in range(many):
            code = touched[place]
            pairs[0, size], pairs[1, size], pairs[2, size] = thing, code, counts[code]
            size += 1
            counts[code], stamps[code] = 0, -1
    return pairs[0, :size].copy(), pairs[1, :size].copy(), pairs[2, :size].copy()
