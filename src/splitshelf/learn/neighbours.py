"""Sparse rows of neighbours, scored by the decayed events of a shopper: linear in the events."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from splitshelf.core.activity import Activity
from splitshelf.core.arrays import Floats, Ints, Longs
from splitshelf.core.context import Context
from splitshelf.core.evidence import Part, PartKind
from splitshelf.core.protocols import Candidates
from splitshelf.learn.dataset.weights import query_weights

FAINT = 1 / 256
"""What an event that has decayed below this share of its strength says is left out: it changes no
order worth the name, and a shopper waits for its rows."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """For each product, the products that go with it, in no order."""

    offsets: Longs
    """int64 [n products + 1]."""
    products: Ints
    """int32: the neighbours of p are products[offsets[p]:offsets[p + 1]]."""
    weights: NDArray[np.float32]
    """float32, parallel to `products`."""
    supporters: Ints
    """int32, parallel to `products`: distinct shoppers behind the pair; empty where unknown."""

    @classmethod
    def restore(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The rows that `arrays` was made from."""
        return cls(**{name: arrays[name] for name in cls.__slots__})

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that `restore` needs."""
        return {name: getattr(self, name) for name in self.__slots__}

    def entry(self, product: int, neighbour: int) -> int:
        """Where the pair stands in the flat arrays, -1 where it does not; newer products do not."""
        if product >= len(self.offsets) - 1:
            return -1
        start, stop = int(self.offsets[product]), int(self.offsets[product + 1])
        found = np.flatnonzero(self.products[start:stop] == neighbour)
        return start + int(found[0]) if len(found) else -1


@dataclass(frozen=True, slots=True)
class NeighbourModel:
    """A model whose score is a sum over events: strength of the event x weight of the pair."""

    name: str
    neighbours: Neighbours
    decay: float
    """What each step back in the activity leaves of an event's strength, 0 to 1."""
    configuration: dict[str, Any]

    def strengths(self, activity: Activity) -> Floats:
        """How much each event of the activity counts, float64 [m]."""
        left = self.decay ** activity.steps.astype(np.float64)
        return query_weights(activity.types) * np.where(left < FAINT, 0.0, left)

    def score_all(self, activity: Activity, context: Context) -> Floats:
        """The score of every product, float64 [n products]."""
        del context
        scores = np.zeros(len(self.neighbours.offsets) - 1)
        rows = self.neighbours
        table = (rows.offsets, rows.products, rows.weights)
        add_rows(table, activity.products, self.strengths(activity), scores)
        return scores

    def score(self, activity: Activity, context: Context, products: Ints) -> Floats:
        """The scores of some products, float64 [len(products)]."""
        return self.score_all(activity, context)[products]

    def candidates(self, activity: Activity, context: Context, n: int) -> Candidates:
        """At most n products with a positive score, best first; ties by index."""
        return best(self.score_all(activity, context), n)

    def evidence(self, activity: Activity, context: Context, product: int) -> tuple[Part, ...]:
        """One part for each event that has the product as a neighbour."""
        del context
        strengths = self.strengths(activity).tolist()
        parts = []
        for event, source in enumerate(activity.products.tolist()):
            entry = self.neighbours.entry(source, product)
            if entry >= 0 and strengths[event]:
                parts.append(self._part(event, entry, strengths[event]))
        return tuple(parts)

    def _part(self, event: int, entry: int, strength: float) -> Part:
        rows = self.neighbours
        known = len(rows.supporters) > 0
        return Part(
            kind=PartKind.EVENT,
            model=self.name,
            value=strength * float(rows.weights[entry]),
            event=event,
            supporters=int(rows.supporters[entry]) if known else None,
        )

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """The rows."""
        return self.neighbours.arrays()

    def settings(self) -> dict[str, Any]:
        """The configuration that it was fitted with."""
        return self.configuration


def best(scores: Floats, n: int) -> Candidates:
    """The at most n products with a positive score, best first; ties by index.

    >>> best(np.array([0.0, 2.0, 3.0, 2.0]), 2).products.tolist()
    [2, 1]
    """
    products, kept = top(scores, n)
    return Candidates(products, kept)


@njit(cache=True, nogil=True)
def add_rows(table, sources, strengths, scores):  # noqa: ANN001, ANN201 (numba infers)
    """Add to `scores` the row of each source times its strength."""
    offsets, products, weights = table
    for event in range(len(sources)):
        source, strength = sources[event], strengths[event]
        if strength and source < len(offsets) - 1:  # a newer product has no row
            for entry in range(offsets[source], offsets[source + 1]):
                scores[products[entry]] += strength * weights[entry]


@njit(cache=True, nogil=True)
def worse(scores: NDArray[Any], left: int, right: int) -> bool:
    """Whether product `left` ranks below `right`: a lower score, or the same and a later index."""
    if scores[left] != scores[right]:
        return scores[left] < scores[right]
    return left > right


@njit(cache=True, nogil=True)
def sink(heap: Ints, size: int, scores: NDArray[Any], place: int) -> None:
    """Move the product at `place` down until the worst of the heap stands on top."""
    while True:
        child = 2 * place + 1
        if child >= size:
            return
        if child + 1 < size and worse(scores, heap[child + 1], heap[child]):
            child += 1
        if worse(scores, heap[place], heap[child]):
            return
        heap[place], heap[child] = heap[child], heap[place]
        place = child


@njit(cache=True, nogil=True)
def keep_best(among: Ints, count: int, scores: NDArray[Any], heap: Ints) -> int:
    """How many of the first `count` products of `among` were put into `heap`, best first.

    At most len(heap); only positive scores.
    """
    size = 0
    for place in range(count):
        product = among[place]
        if scores[product] <= 0.0:
            continue
        if size < len(heap):
            heap[size] = product
            size += 1
            if size == len(heap):
                build(heap, size, scores)
        elif worse(scores, heap[0], product):
            heap[0] = product
            sink(heap, size, scores, 0)
    build(heap, size, scores)
    for last in range(size - 1, 0, -1):
        heap[0], heap[last] = heap[last], heap[0]
        sink(heap, last, scores, 0)
    return size


@njit(cache=True, nogil=True)
def build(heap: Ints, size: int, scores: NDArray[Any]) -> None:
    """Order the first `size` products so that each is worse than its children."""
    for parent in range(size // 2 - 1, -1, -1):
        sink(heap, size, scores, parent)


@njit(cache=True, nogil=True)
def top(scores: Floats, n: int) -> tuple[Ints, Floats]:
    """The at most n products with a positive score, best first, and their scores.

    Once n are found, a product must beat the worst of them: on a tie the earlier index stays.
    """
    heap = np.empty(n, dtype=np.int32)
    floor, size, product = 0.0, 0, 0
    while product < len(scores) and size < n:
        if scores[product] > 0.0:
            heap[size] = product
            size += 1
        product += 1
    build(heap, size, scores)
    if size:
        floor = scores[heap[0]]
    for later in range(product, len(scores) if size else 0):
        if scores[later] > floor:
            heap[0] = later
            sink(heap, size, scores, 0)
            floor = scores[heap[0]]
    for last in range(size - 1, 0, -1):
        heap[0], heap[last] = heap[last], heap[0]
        sink(heap, last, scores, 0)
    return heap[:size].copy(), scores[heap[:size]]
