"""One kernel from the events of shoppers to their shelves: pool, likeness, draw, pins, causes."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from splitshelf.core.arrays import Bools, Bytes, Floats, Ints, Longs
from splitshelf.serve.addresses import bools_at, floats_at, ints_at, keys_at, longs_at, singles_at
from splitshelf.serve.citing import cite
from splitshelf.serve.exploration import place
from splitshelf.serve.kernels import STEPS, Scratch, Sum, pool_of, scores_of
from splitshelf.serve.ranking import fill
from splitshelf.serve.rules.diversity import spread
from splitshelf.serve.strips import Strips


class Standing(NamedTuple):
    """What many requests of one thread have in common, in the order of its addresses."""

    starts: Longs
    cells: Ints
    weights: NDArray[np.float32]
    counted: Bools
    """These four are `strips.Strips`."""
    acts: Floats
    terms: Floats
    fades: Floats
    statics: Floats
    crowds: Ints
    shared: Floats
    favourites: Ints
    """These seven are the rest of `kernels.Sum`."""
    scores: Floats
    touched: Ints
    sums: Floats
    """These three are `kernels.Scratch`."""
    sellable: Bools
    factors: Floats
    most: Floats
    """These three are the limits of `kernels.pool_of`; the last is an array of one."""
    kinds: Ints
    """int32 [catalogue, KINDS]."""
    keys: NDArray[np.uint64]
    fillers: Ints
    """What may fill the shelf up, in this order."""
    alike: Ints
    """The rows of kinds by which products are alike."""


class Wishes(NamedTuple):
    """What each of some requests has for itself; what has no fixed length stands end to end."""

    numbers: Longs
    """int64 [requests, 12]: the row of its standing; how many products to draw, of how many; the
    bits of its seed; where its events, blocked products, pins and caps begin and end."""
    shares: Floats
    """float64 [requests, 2]: the temperature as a share of the best score; what a twin of a
    product on the shelf loses, 0 is nothing."""
    products: Ints
    types: Bytes
    steps: Ints
    """These three are the events."""
    blocked: Ints
    positions: Ints
    """Of pins, rising."""
    pinned: Ints
    rows: Ints
    """Of kinds, that caps are about."""
    most: Ints
    """How many of each."""


class Draw(NamedTuple):
    """How a shelf is to be drawn."""

    n: int
    """Products to draw; pins are none of them."""
    pool: int
    """Of how many."""
    seed: np.uint64
    temperature: float
    diversity: float
    alike: Ints
    rows: Ints
    most: Ints
    """See Wishes."""


class Shelf(NamedTuple):
    """A shelf; arrays have one entry a place."""

    codes: Ints
    scores: Floats
    chances: Floats
    events: Longs
    """The event that adds most to the score; -1 where no event does. See `citing.cite`."""
    values: Floats
    """What it adds."""
    mains: Longs
    crowds: Longs
    drawn: int
    """How many of the products, but for the pins, were drawn; the rest fills the shelf up."""
    sources: Ints
    """The product of each event; behind the products, what its moment is."""
    types: Bytes
    """The act of each event."""


@njit(cache=True, nogil=True)
def shelves_of(standings, wishes):  # noqa: ANN001, ANN201 (int64 [standings, addresses], Wishes)
    """The columns of all shelves: codes, numbers, marks and sizes.

    int32 [requests, places]; float64 [requests, 3, places]: scores, chances, values; int64
    [requests, 3, places]: events, mains, crowds; int64 [requests, 2]: places, and how many of them
    were drawn. A shelf that is short, or where something has no score, has no places. See Shelf.
    """
    numbers = wishes.numbers
    count, places = len(numbers), 0
    for r in range(count):
        places = max(places, numbers[r, 1] + numbers[r, 9] - numbers[r, 8])
    codes = np.empty((count, places), dtype=np.int32)
    worths = np.empty((count, 3, places))
    marks = np.empty((count, 3, places), dtype=np.int64)
    sizes = np.zeros((count, 2), dtype=np.int64)
    for r in range(count):
        found = one_of(standings[numbers[r, 0]], wishes, r)
        size = len(found[0])
        codes[r, :size] = found[0]
        for column in range(3):
            worths[r, column, :size] = found[1][column]
            marks[r, column, :size] = found[2][column]
        sizes[r, 0], sizes[r, 1] = size, found[3]
    return codes, worths, marks, sizes


@njit(cache=True, nogil=True)
def one_of(standing: Longs, wishes, r: int):  # noqa: ANN001, ANN201 (as above)
    """The shelf of one of the requests."""
    numbers = wishes.numbers[r]
    events, caps = slice(numbers[4], numbers[5]), slice(numbers[10], numbers[11])
    pins = slice(numbers[8], numbers[9])
    activity = wishes.products[events], wishes.types[events], wishes.steps[events]
    draw = Draw(
        numbers[1],
        numbers[2],
        np.uint64(numbers[3]),
        wishes.shares[r, 0],
        wishes.shares[r, 1],
        ints_at(standing, 20),
        wishes.rows[caps],
        wishes.most[caps],
    )
    fixed = wishes.positions[pins], wishes.pinned[pins], ints_at(standing, 19)
    limits = bools_at(standing, 14), floats_at(standing, 15), floats_at(standing, 16)[0]
    keys = keys_at(standing, 18)
    kinds = ints_at(standing, 17)
    goods = kinds.reshape(len(keys), len(kinds) // max(len(keys), 1)).T, keys
    blocked = wishes.blocked[numbers[6] : numbers[7]]
    model, scratch = model_of(standing), scratch_of(standing)
    return shelf_of(model, activity, limits, blocked, goods, draw, fixed, scratch)


@njit(cache=True, nogil=True)
def model_of(standing: Longs):  # noqa: ANN201 (numba infers)
    """The sum that requests are ranked by."""
    strips = Strips(
        longs_at(standing, 0),
        ints_at(standing, 1),
        singles_at(standing, 2),
        bools_at(standing, 3),
    )
    tables, shared, statics = len(strips.counted), floats_at(standing, 9), floats_at(standing, 7)
    terms = len(statics) // max(len(shared), 1)
    return Sum(
        strips,
        floats_at(standing, 4),
        floats_at(standing, 5).reshape(2, tables),
        floats_at(standing, 6).reshape(tables, STEPS),
        statics.reshape(terms, len(shared)),
        ints_at(standing, 8).reshape(terms, len(shared)),
        shared,
        ints_at(standing, 10),
    )


@njit(cache=True, nogil=True)
def scratch_of(standing: Longs):  # noqa: ANN201 (numba infers)
    """What may be written on."""
    return Scratch(floats_at(standing, 11), ints_at(standing, 12), floats_at(standing, 13))


@njit(cache=True, nogil=True)
def shelf_of(  # noqa: ANN201, PLR0913, PLR0917 (numba infers; a kernel is flat)
    model,  # noqa: ANN001 (see kernels.Sum)
    activity,  # noqa: ANN001 (products int32, types int8 and steps int32 of the events)
    limits,  # noqa: ANN001 (see kernels.pool_of)
    blocked: Ints,
    goods,  # noqa: ANN001 (kinds int32 [kinds, catalogue] and keys uint64 of the products)
    draw,  # noqa: ANN001 (see Draw)
    fixed,  # noqa: ANN001 (int32: rising positions and codes of pins, and what may fill the shelf)
    scratch,  # noqa: ANN001 (see kernels.Scratch)
):
    """The codes, three numbers and three marks of each place, and how many were drawn.

    None where something is short, or has no score.
    """
    kinds, keys = goods
    found = pool_of(model, activity, limits, blocked, fixed[1], scratch, draw.pool)
    products, scores, odds, theirs = found[0], found[1], found[1], found[2]
    if draw.diversity > 0.0 and len(products) > 0:
        products, scores, odds = spread(products, scores, kinds, draw.alike, draw.diversity)
    chosen, drawn = np.empty(min(draw.n, len(products)), dtype=np.int32), np.empty(draw.n)
    scale = draw.temperature * odds[0] if len(odds) else 0.0
    caps = (kinds, draw.rows, draw.most)
    placed = place(products, odds, keys, (draw.seed, scale), caps, (chosen, drawn))
    shelf = np.empty(draw.n, dtype=np.int32), np.empty(draw.n), drawn
    for i in range(placed):
        shelf[0][i], shelf[1][i] = products[chosen[i]], scores[chosen[i]]
    if placed < draw.n:
        if not fill_up(shelf, placed, limits, blocked, caps, fixed[2]):
            return nothing()
        filled = scores_of(model, activity, shelf[0][placed:], scratch)
        theirs = np.concatenate((filled, theirs))
    others = np.concatenate((shelf[0][placed:], fixed[1]))
    if len(others):
        if theirs.min() <= 0.0:
            return nothing()
        shelf = with_others(shelf, placed, limits[1], fixed, others, theirs)
    codes, worths, drawn = shelf
    events, values, mains, crowds = cite(model, activity, codes)
    if values.min() <= 0.0:
        return nothing()
    return codes, (worths, drawn, values), (events, mains, crowds), placed


@njit(cache=True, nogil=True)
def fill_up(shelf, placed: int, limits, blocked: Ints, caps, fillers: Ints) -> bool:  # noqa: ANN001, PLR0917 (as above)
    """Whether the shelf is full once it took what may fill it; that has the chance 1."""
    codes, _, chances = shelf
    chances[placed:] = 1.0
    rules = (limits[0], blocked, blocked)
    return fill(fillers, (codes, placed), rules, caps, 0) == len(codes)


@njit(cache=True, nogil=True)
def with_others(shelf, placed: int, factors: Floats, fixed, others: Ints, theirs: Floats):  # noqa: ANN001, ANN201, PLR0917 (as above)
    """The columns of a shelf with what was not drawn: filled up behind `placed`, or pinned."""
    codes, scores, chances = shelf
    positions, pinned, _ = fixed
    if len(factors):
        theirs *= factors[others]
    filled = len(codes) - placed
    scores[placed:] = theirs[:filled]
    size = len(codes) + len(pinned)
    columns = np.empty(size, dtype=np.int32), np.empty(size), np.ones(size)
    p = 0
    for i in range(size):
        if p < len(pinned) and positions[p] == i:
            columns[0][i], columns[1][i] = pinned[p], theirs[filled + p]
            p += 1
        else:
            columns[0][i], columns[1][i] = codes[i - p], scores[i - p]
            columns[2][i] = chances[i - p]
    return columns


@njit(cache=True, nogil=True)
def nothing():  # noqa: ANN201 (numba infers)
    """A shelf of no products."""
    none, empty = np.empty(0), np.empty(0, dtype=np.int64)
    return np.empty(0, dtype=np.int32), (none, none, none), (empty, empty, empty), 0
