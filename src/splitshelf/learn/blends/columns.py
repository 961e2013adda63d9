"""The columns of a table of candidates, and the kernels that fill them."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Table = NDArray[np.float32]
PER_PART = ("score", "share", "rank")
ABOUT_PRODUCT = (
    "times seen",
    "steps since seen",
    "place first seen",
    "weight of acts",
    "instants since seen",
    "instants with it",
    "instants since first seen",
    "share of instants",
    "instants since seen over usual gap",
)
"""All 0 for products that the activity does not hold; the lines of an order share an instant."""
ABOUT_ACTIVITY = ("events", "products", "newest product: repeats", "instants")
ABOUT_OVERLAP = ("attributes of newest", "rare attributes of newest", "attributes of all")


@njit(cache=True, nogil=True)
def overlap(offsets, codes, idf, sources, strengths, products, table, at):  # noqa: ANN001, ANN201, PLR0913, PLR0917 (numba infers; flat for speed)
    """Fill three columns: attributes shared with the newest product, their rarity, and with all."""
    profile = np.zeros(len(idf))
    newest = np.zeros(len(idf), dtype=np.bool_)
    length = 0.0
    for event in range(len(sources)):
        for entry in range(offsets[sources[event]], offsets[sources[event] + 1]):
            profile[codes[entry]] += strengths[event]
            newest[codes[entry]] |= event == 0
            length += strengths[event] * idf[codes[entry]]
    for row in range(len(products)):
        own = 0.0
        for entry in range(offsets[products[row]], offsets[products[row] + 1]):
            code = codes[entry]
            own += idf[code]
            table[row, at] += newest[code]
            table[row, at + 1] += idf[code] * newest[code]
            table[row, at + 2] += idf[code] * profile[code]
        table[row, at + 2] /= np.sqrt(own * length) + 1e-9


@njit(cache=True, nogil=True)
def fill(products, scores, activity, table):  # noqa: ANN001, ANN201 (numba infers)
    """Fill the columns of PER_PART, ABOUT_PRODUCT and ABOUT_ACTIVITY; events newest first."""
    seen, weights, times = activity
    parts = scores.shape[1]
    for part in range(parts):
        _standing(scores[:, part], table[:, 3 * part : 3 * part + 3])
    at = len(PER_PART) * parts
    distinct, repeats, instants = 0, 0, 0
    counted = np.zeros(len(products), dtype=np.int32)
    for event in range(len(seen)):
        repeats += seen[event] == seen[0]
        instants += event == 0 or times[event] != times[event - 1]
        fresh = True
        for newer in range(event):
            fresh = fresh and seen[newer] != seen[event]
        distinct += fresh
        row = np.searchsorted(products, seen[event])
        if row < len(products) and products[row] == seen[event]:
            about = table[row, at : at + len(ABOUT_PRODUCT)]
            about[0] += 1
            if fresh:
                about[1] = distinct
                about[4] = instants
            about[2] = len(seen) - event
            about[3] = max(about[3], weights[event])
            about[5] += counted[row] != instants
            about[6] = instants
            counted[row] = instants
    for row in range(len(products)):
        _rhythm(table[row, at : at + len(ABOUT_PRODUCT)])
    at += len(ABOUT_PRODUCT)
    table[:, at] = len(seen)
    table[:, at + 1] = distinct
    table[:, at + 2] = repeats
    table[:, at + 3] = instants


@njit(cache=True, nogil=True)
def _rhythm(about):  # noqa: ANN001, ANN202 (numba infers)
    """From the instants of one product: the share that held it, and whether it is due."""
    newest, count, oldest = about[4], about[5], about[6]
    if count > 0:
        about[7] = count / oldest
    if count > 1:
        about[8] = newest * (count - 1) / (oldest - newest)


@njit(cache=True, nogil=True)
def _standing(column, table):  # noqa: ANN001, ANN202 (numba infers)
    """Score, share of the best score, and rank, where ties share one, of each candidate."""
    order = np.argsort(-column)
    best = max(column[order[0]], 1e-12)
    rank = 0
    for place in range(len(order)):
        row = order[place]
        if place == 0 or column[row] < column[order[place - 1]]:
            rank = place + 1
        table[row, 0] = column[row]
        table[row, 1] = column[row] / best
        table[row, 2] = rank
