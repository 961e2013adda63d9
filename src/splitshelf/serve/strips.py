"""All that the tables of a linear model say of a product's neighbours, in one strip of memory.

A request reads the rows of some twenty products in several tables. Where each table lies by itself
that is a hundred places far from one another, and the processor waits for each. So the rows of one
product stand side by side: which products any table names, once, and behind them what each table
says of them. A strip is, in cells of four bytes:

    how many of the neighbours each table reaches to, [tables]
    the largest weight of each table, [tables]
    the neighbours, once each, [the longest reach]
    the weights of each table, 0 where it does not name the neighbour, [its reach]
    the distinct shoppers behind each, for tables that count them, [its reach]

Neighbours of the table that fades last come first, then those that the next one adds, and so on:
of an old event, which only the first tables still hear, only the beginning is read.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from splitshelf.core.arrays import Bools, Ints, Longs
from splitshelf.learn.neighbours import Neighbours
from splitshelf.serve.addresses import addresses_of, ints_at, longs_at, singles_at

_PLACE = (1 << 32) - 1
"""The half of a number that says where a neighbour stands; the other says in whose strip."""


class Strips(NamedTuple):
    """The strips of all sources."""

    starts: Longs
    """int64 [sources + 1]: where each begins; the last is where they end."""
    cells: Ints
    """int32."""
    weights: NDArray[np.float32]
    """The same memory, read as float32."""
    counted: Bools
    """bool [tables]: which count shoppers."""


def strips_of(tables: Sequence[Neighbours], decays: Sequence[float], n: int) -> Strips:
    """The strips of some tables of n products; that of a source that none has a row of is empty.

    A table may have fewer sources than another. Of equal decays the earlier table comes first.
    """
    sources = max((len(table.offsets) - 1 for table in tables), default=0)
    counted = np.array([len(table.supporters) > 0 for table in tables], dtype=np.bool_)
    order = np.argsort([-decay for decay in decays], kind="stable").astype(np.int64)
    flat = [
        np.ascontiguousarray(array)
        for table in tables
        for array in (table.offsets, table.products, table.weights, table.supporters)
    ]
    addresses = addresses_of(flat).reshape(len(tables), 8)
    seen = np.zeros(n, dtype=np.int64)
    if len(tables) == 1:
        starts = _measured_one(np.diff(tables[0].offsets), counted=bool(counted[0]))
    else:
        starts = _measured(addresses, order, counted, sources, seen)
    cells = np.zeros(starts[-1], dtype=np.int32)
    strips = Strips(starts, cells, cells.view(np.float32), counted)
    seen[:] = 0
    _fill(addresses, order, strips, seen)
    del flat  # whose addresses were read until here
    return strips


def _measured_one(sizes: Longs, *, counted: bool) -> Longs:
    """Where each strip begins where there is one table, whose rows have these sizes."""
    cells = np.where(sizes > 0, 2 + (3 if counted else 2) * sizes, 0)
    return np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(cells)))


@njit(cache=True, nogil=True)
def _measured(  # noqa: ANN202 (numba infers; a kernel is flat)
    addresses: Longs, order: Longs, counted: Bools, sources: int, seen: Longs
):
    """Where each strip begins, int64 [sources + 1]."""
    starts = np.zeros(sources + 1, dtype=np.int64)
    for source in range(sources):
        found, cells = 0, 0
        for t in order:
            offsets, products = longs_at(addresses[t], 0), ints_at(addresses[t], 1)
            if source >= len(offsets) - 1:
                continue
            reach = 0
            for entry in range(offsets[source], offsets[source + 1]):
                place, found = placed(products[entry], source, seen, found)
                reach = max(reach, place + 1)
            cells += reach * (2 if counted[t] else 1)
        cells += found + 2 * len(order) if found else 0
        starts[source + 1] = starts[source] + cells
    return starts


@njit(cache=True, nogil=True)
def placed(code, source, seen: Longs, found: int):  # noqa: ANN001, ANN201 (scalars)
    """The place of a neighbour in the strip of a source, and how many were found by then."""
    if seen[code] >> 32 == source + 1:
        return seen[code] & _PLACE, found
    seen[code] = (source + 1) << 32 | found
    return found, found + 1


@njit(cache=True, nogil=True)
def _fill(addresses: Longs, order: Longs, strips, seen: Longs) -> None:  # noqa: ANN001 (see Strips)
    """Write the strips."""
    starts, cells, weights, counted = strips
    tables = len(order)
    for source in range(len(starts) - 1):
        head = starts[source]
        if head == starts[source + 1]:
            continue
        found = 0
        for t in order:
            codes = cells[head + 2 * tables :]
            cells[head + t], found = _name(addresses[t], source, seen, codes, found)
        behind = head + 2 * tables + found
        for t in range(tables):
            reach = cells[head + t]
            row = weights[behind : behind + reach]
            weights[head + tables + t] = _weigh(addresses[t], source, seen, row)
            behind += reach
        for t in range(tables):
            if counted[t]:
                _count(addresses[t], source, seen, cells[behind:])
                behind += cells[head + t]


@njit(cache=True, nogil=True)
def _row(table: Longs, source: int):  # noqa: ANN202 (numba infers)
    """Where the row of a source begins and ends in a table."""
    offsets = longs_at(table, 0)
    if source >= len(offsets) - 1:
        return 0, 0
    return offsets[source], offsets[source + 1]


@njit(cache=True, nogil=True)
def _name(table: Longs, source: int, seen: Longs, codes: Ints, found: int):  # noqa: ANN202 (as above)
    """How far the row of a table reaches, and how many neighbours were found; writes them."""
    products, reach = ints_at(table, 1), 0
    start, stop = _row(table, source)
    for entry in range(start, stop):
        place, found = placed(products[entry], source, seen, found)
        codes[place] = products[entry]
        reach = max(reach, place + 1)
    return reach, found


@njit(cache=True, nogil=True)
def _weigh(table: Longs, source: int, seen: Longs, row: NDArray[np.float32]) -> float:
    """The largest weight of the row of a table, 0 where it is empty; writes them all."""
    products, weights = ints_at(table, 1), singles_at(table, 2)
    start, stop = _row(table, source)
    for entry in range(start, stop):
        row[seen[products[entry]] & _PLACE] = weights[entry]
    return weights[start:stop].max() if stop > start else 0.0


@njit(cache=True, nogil=True)
def _count(table: Longs, source: int, seen: Longs, row: Ints) -> None:
    """Write the shoppers behind each entry of the row of a table."""
    products, supporters = ints_at(table, 1), ints_at(table, 3)
    start, stop = _row(table, source)
    for entry in range(start, stop):
        row[seen[products[entry]] & _PLACE] = supporters[entry]
