"""What a protocol asks of models: a past to learn from, and questions about what came after."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self, TypeAlias

import numpy as np

from splitshelf.core.activity import Activity
from splitshelf.core.arrays import Bools, Ints, Longs
from splitshelf.core.clock import moment
from splitshelf.core.context import Context
from splitshelf.core.protocols import Rng
from splitshelf.learn.dataset.dataset import Dataset


@dataclass(frozen=True, slots=True)
class Question:
    """One shopper at one moment: what is known, and what turned out to be wanted."""

    activity: Activity
    context: Context
    relevant: Ints
    """int32: rising, none twice, at least one."""
    masked: Ints
    """int32: products that may not be recommended."""


@dataclass(frozen=True, slots=True)
class Questions:
    """All questions of a protocol as arrays; a question is cut out when it is asked for."""

    source: Dataset
    """Holds the events of the queries; its products have the same codes as those of the past."""
    starts: Longs
    """int64 [q]: the first event of each query, an index into the events of `source`."""
    stops: Longs
    """int64 [q]: behind the last event of each query."""
    relevant: Ints
    """int32, flat."""
    offsets: Longs
    """int64 [q + 1]: where the relevant products of each question begin."""
    units: Longs
    """int64 [q]: questions of the same shopper or session share a number; intervals are drawn
    over these, since they are what is independent."""
    mask_seen: bool
    """Whether products of the query are kept out of the ranking."""
    limit: int = 50
    """How many of the newest events of a query a model reads."""
    asked_at_stops: bool = False
    """Whether the event at each stop is the shopper's next one: then the question is asked at its
    moment and in its circumstances, as a request is; else at the moment of the query's last."""

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, index: int) -> Question:
        start, stop = int(self.starts[index]), int(self.stops[index])
        newest = slice(max(start, stop - self.limit), stop)
        source = self.source
        seen = source.products[start:stop]
        return Question(
            activity=Activity.of(
                source.products[newest], source.types[newest], source.times[newest]
            ),
            context=self._context(start, stop),
            relevant=self.relevant[self.offsets[index] : self.offsets[index + 1]],
            masked=np.unique(seen) if self.mask_seen else seen[:0],
        )

    def _context(self, start: int, stop: int) -> Context:
        if self.asked_at_stops:
            return self.source.context(stop)
        return Context(at=moment(int(self.source.times[stop - 1]) if stop > start else 0))

    def take(self, keep: Bools | Longs) -> Self:
        """Some of the questions, by mask or by index."""
        chosen = np.flatnonzero(keep) if keep.dtype == np.bool_ else keep
        sizes = np.diff(self.offsets)[chosen]
        offsets = np.concatenate(([0], np.cumsum(sizes)))
        rows = np.repeat(self.offsets[chosen] - offsets[:-1], sizes) + np.arange(offsets[-1])
        return replace(
            self,
            starts=self.starts[chosen],
            stops=self.stops[chosen],
            relevant=self.relevant[rows],
            offsets=offsets,
            units=self.units[chosen],
        )


@dataclass(frozen=True, slots=True)
class Split:
    """One way to hold something out."""

    words: str
    """The protocol in a sentence, with its numbers."""
    past: Dataset
    """All that models may learn from."""
    questions: Questions


Protocol: TypeAlias = Callable[[Dataset], Split]
"""Splits a dataset; deterministic. Raises InputError where it leaves nothing to ask."""


def distinct(owners: Longs, products: Ints, n: int) -> tuple[Ints, Longs]:
    """Each owner's products, rising and none twice, and the offsets of n owners.

    >>> products, offsets = distinct(np.array([1, 0, 1, 1]), np.array([5, 2, 3, 5]), 2)
    >>> products.tolist(), offsets.tolist()
    ([2, 3, 5], [0, 1, 3])
    """
    order = np.lexsort((products, owners))
    owners, products = owners[order], products[order]
    first = np.ones(len(owners), dtype=np.bool_)
    first[1:] = (owners[1:] != owners[:-1]) | (products[1:] != products[:-1])
    counts = np.bincount(owners[first], minlength=n)
    return products[first].astype(np.int32), np.concatenate(([0], np.cumsum(counts)))


def sample(questions: Questions, limit: int, rng: Rng) -> Questions:
    """At most `limit` of the questions, drawn at random, in their order."""
    if len(questions) <= limit:
        return questions
    return questions.take(np.sort(rng.permutation(len(questions))[:limit]))
