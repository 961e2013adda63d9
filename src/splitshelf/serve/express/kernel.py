"""One kernel from the events of a shopper to a shelf: pool, likeness, draw, pins, causes."""

from typing import NamedTuple

import numpy as np
from numba import njit

from splitshelf.core.arrays import Bytes, Floats, Ints, Longs
from splitshelf.serve.citing import cite
from splitshelf.serve.exploration import place
from splitshelf.serve.kernels import pool_of, scores_of
from splitshelf.serve.ranking import fill
from splitshelf.serve.rules.diversity import spread


class Draw(NamedTuple):
    """How a shelf is to be drawn."""

    n: int
    """Products to draw; pins are none of them."""
    pool: int
    """Of how many."""
    seed: np.uint64
    temperature: float
    """As a share of the best score."""
    diversity: float
    """What a twin of a product on the shelf loses; 0 is nothing."""
    alike: Ints
    """The rows of kinds by which products are alike."""
    rows: Ints
    """The rows of kinds that caps are about."""
    most: Ints
    """How many of each."""


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
def shelf_of(  # noqa: ANN201, PLR0913, PLR0917 (numba infers; a kernel is flat)
    model,  # noqa: ANN001 (see kernels.Sum)
    activity,  # noqa: ANN001 (products int32, types int8 and steps int32 of the events)
    limits,  # noqa: ANN001 (see kernels.pool_of)
    blocked: Ints,
    goods,  # noqa: ANN001 (kinds int32 [kinds, catalogue] and keys uint64 of the products)
    draw,  # noqa: ANN001 (see Draw)
    fixed,  # noqa: ANN001 (int32: rising positions and codes of pins, and what may fill the shelf)
    scratch,  # noqa: ANN001 (that of pool_of, and the slots of cite)
):
    """The fields of a Shelf but its events; empty where something is short, or has no score."""
    room, slots = scratch
    kinds, keys = goods
    found = pool_of(
        model.tables, activity, model.terms, model.common, limits, blocked, room, draw.pool
    )
    products, scores, odds = found[0], found[1], found[1]
    if draw.diversity > 0.0 and len(products) > 0:
        products, scores, odds = spread(products, scores, kinds, draw.alike, draw.diversity)
    chosen, drawn = np.empty(min(draw.n, len(products)), dtype=np.int32), np.empty(draw.n)
    scale = draw.temperature * odds[0] if len(odds) else 0.0
    caps = (kinds, draw.rows, draw.most)
    placed = place(products, odds, keys, (draw.seed, scale), caps, (chosen, drawn))
    shelf = np.empty(draw.n, dtype=np.int32), np.empty(draw.n), drawn
    for i in range(placed):
        shelf[0][i], shelf[1][i] = products[chosen[i]], scores[chosen[i]]
    if placed < draw.n and not fill_up(shelf, placed, limits, blocked, caps, fixed[2]):
        return nothing()
    others = np.concatenate((shelf[0][placed:], fixed[1]))
    if len(others):
        theirs = scores_of(model.tables, activity, model.terms, model.common[0], others, slots)
        if theirs.min() <= 0.0:
            return nothing()
        shelf = with_others(shelf, placed, limits[1], fixed, others, theirs)
    codes, worths, drawn = shelf
    events, values, mains, crowds = cite(model, activity, codes, slots)
    if values.min() <= 0.0:
        return nothing()
    return codes, worths, drawn, events, values, mains, crowds, placed


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
    return np.empty(0, dtype=np.int32), none, none, empty, none, empty, empty, 0
