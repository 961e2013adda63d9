"""The best of many: a heap of codes and their values, kept in arrays.

Of equal values the earlier code is the better one, so that what is kept does not depend on the
order in which it is offered.
"""

import numpy as np
from numba import njit

from splitshelf.core.arrays import Floats, Ints


@njit(cache=True, nogil=True)
def floor_of(values: Floats, count: int) -> float:
    """The value of the place `count` from the top; the smallest number where there are fewer.

    By Hoare's selection, each time around the middle one of three; no branch depends on a value
    while they are parted, for half of those would be foretold wrongly.
    """
    if count >= len(values):
        return -np.inf
    left, right, wanted = values.copy(), np.empty(len(values)), count
    size = len(values)
    while size > wanted > 0:
        pivot = middle(left[0], left[size // 2], left[size - 1])
        above = below = 0
        for i in range(size):
            value = left[i]
            left[above] = value
            right[below] = value
            above += value > pivot
            below += value < pivot
        if above >= wanted:
            size = above
        elif size - below >= wanted:
            return pivot
        else:
            wanted -= size - below
            left, right, size = right, left, below
    return left[:size].min()


@njit(cache=True, nogil=True)
def middle(one: float, other: float, third: float) -> float:
    """The one between the two others."""
    return max(min(one, other), min(max(one, other), third))


@njit(cache=True, nogil=True)
def offer(kept: Ints, values: Floats, held: int, code, value) -> int:  # noqa: ANN001 (scalars)
    """How many the heap holds once it was offered one more; it keeps the best."""
    if value <= 0.0:
        return held
    if held < len(kept):
        kept[held], values[held] = code, value
        if held + 1 == len(kept):
            build(kept, values, held + 1)
        return held + 1
    if value > values[0] or (value == values[0] and code < kept[0]):
        kept[0], values[0] = code, value
        sink(kept, values, held, 0)
    return held


@njit(cache=True, nogil=True)
def build(kept: Ints, values: Floats, held: int) -> None:
    """Order a heap so that each entry is worse than its children."""
    for parent in range(held // 2 - 1, -1, -1):
        sink(kept, values, held, parent)


@njit(cache=True, nogil=True)
def sink(kept: Ints, values: Floats, held: int, place: int) -> None:
    """Move an entry down until the worst stands on top; of equals the later index is worse."""
    code, value = kept[place], values[place]
    while True:
        child = 2 * place + 1
        if child >= held:
            break
        if child + 1 < held and worse(kept, values, child + 1, child):
            child += 1
        if value < values[child] or (value == values[child] and code > kept[child]):
            break
        kept[place], values[place] = kept[child], values[child]
        place = child
    kept[place], values[place] = code, value


@njit(cache=True, nogil=True)
def worse(kept: Ints, values: Floats, left: int, right: int) -> bool:
    """Whether one entry ranks below another: a smaller value, or the same and a later index."""
    if values[left] != values[right]:
        return values[left] < values[right]
    return kept[left] > kept[right]


@njit(cache=True, nogil=True)
def sort(kept: Ints, values: Floats, held: int):  # noqa: ANN201 (numba infers)
    """The entries of a heap, best first."""
    for last in range(held - 1, 0, -1):
        code, value = kept[0], values[0]
        kept[0], values[0] = kept[last], values[last]
        kept[last], values[last] = code, value
        sink(kept, values, last, 0)
    return kept[:held], values[:held]
