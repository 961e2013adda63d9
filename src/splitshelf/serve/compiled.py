"""A linear model compiled for the request path: the same scores and reasons, some 30 times faster.

Popularity, neighbours, content and their additive blend are linear in the events, so one kernel
adds up their tables. Whatever else a model is, it is asked through its own methods.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import local
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from splitshelf.core.arrays import Bools, Floats, Ints
from splitshelf.core.context import Context
from splitshelf.core.evidence import Part, PartKind
from splitshelf.core.protocols import Candidates, Model
from splitshelf.learn.blends.additive import Additive
from splitshelf.learn.dataset.weights import query_weights
from splitshelf.learn.models.content import Content
from splitshelf.learn.neighbours import NeighbourModel
from splitshelf.learn.static import StaticModel
from splitshelf.serve.explanation import Cause
from splitshelf.serve.kernels import cite, pool_of, strengths_of
from splitshelf.serve.placement import Query
from splitshelf.serve.rankers import Plain, Ranker


@dataclass(frozen=True, slots=True)
class Rows:
    """One neighbour table of a sum."""

    model: NeighbourModel
    weight: float
    content: Content | None = None
    """Where the neighbours are those of attributes."""


@dataclass(frozen=True, slots=True)
class Static:
    """One term of a sum that is the same for everybody."""

    model: StaticModel
    weight: float


Term = Rows | Static


def ranker_of(model: Model) -> Ranker:
    """The fastest way to ask a model."""
    try:
        return Compiled(list(terms_of(model, 1.0)))
    except NotLinear:
        return Plain(model)


class NotLinear(Exception):  # noqa: N818 (a finding, not a failure)
    """The model is no sum that we know how to compile."""


def terms_of(model: Model, weight: float) -> Iterator[Term]:
    """The terms that a model is the sum of; raises NotLinear where it is no such sum."""
    if isinstance(model, StaticModel):
        yield Static(model, weight)
    elif isinstance(model, Content):
        yield Rows(model.rows, weight, model)
    elif isinstance(model, NeighbourModel):
        yield Rows(model, weight)
    elif isinstance(model, Additive):
        for name, share in model.weights.items():
            yield from terms_of(model.parts[name], weight * share)
    else:
        raise NotLinear(model.name)


class _Cited(NamedTuple):
    """What the kernel says of one product."""

    event: int
    value: float
    table: int
    entry: int


class Compiled:
    """A sum of linear models; equal to the plain path, which the tests hold it to."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self._rows = [term for term in terms if isinstance(term, Rows)]
        self._static = [term for term in terms if isinstance(term, Static)]
        self._n = _width(terms)
        self._tables = _tables(self._rows, self._n)
        self._decays = np.array([term.model.decay for term in self._rows] or [0.0])
        self._weights = np.array([term.weight for term in self._rows] or [0.0])
        shared = sum((t.weight * t.model.scores for t in self._static), np.zeros(self._n))
        self._common = shared, np.argsort(-shared, kind="stable").astype(np.int32)
        self._scratch = _Scratch(self._n)

    def pool(
        self, query: Query, context: Context, sellable: Bools, blocked: Ints, size: int
    ) -> Candidates:
        """The best sellable products that are not blocked, at most `size`, scores above 0."""
        del context
        return Candidates(
            *pool_of(
                self._tables,
                query.activity.products,
                self._strengths(query),
                self._common,
                sellable,
                blocked[blocked < self._n],
                self._scratch.pool,
                size,
            )
        )

    def causes(
        self, query: Query, context: Context, codes: Sequence[int]
    ) -> Sequence[Cause | None]:
        """For each product the event that adds most, or what all shoppers have in common."""
        del context
        chosen = np.array(codes, dtype=np.int32)
        sources = query.activity.products
        found = cite(self._tables, sources, self._strengths(query), chosen, self._scratch.slots)
        rows = zip(codes, *(column.tolist() for column in found), strict=True)
        return [self._cause(query, code, _Cited(*row)) for code, *row in rows]

    def _strengths(self, query: Query) -> Floats:
        activity = query.activity
        events = query_weights(activity.types)
        return strengths_of(events, activity.steps, self._decays, self._weights)

    def _cause(self, query: Query, code: int, cited: _Cited) -> Cause | None:
        shares = [(term.weight * float(term.model.scores[code]), term) for term in self._static]
        value, term = max(shares, key=_value, default=(0.0, None))
        if term is not None and value > cited.value:
            return Cause(value, static_part(term.model, code, value))
        if cited.event < 0:
            return None
        source = int(query.activity.products[cited.event])
        return Cause(cited.value, event_part(self._rows[cited.table], code, source, cited))


def _value(share: tuple[float, Static]) -> float:
    return share[0]


def static_part(model: StaticModel, code: int, value: float) -> Part:
    """The part of a score that is the same for everybody."""
    supporters = int(model.supporters[code])
    return Part(kind=model.kind, model=model.name, value=value, supporters=supporters)


def event_part(rows: Rows, code: int, source: int, cited: _Cited) -> Part:
    """The part of a score that one event makes, as its main table says it."""
    counts = rows.model.neighbours.supporters
    shared = None if rows.content is None else rarest(rows.content, source, code)
    return Part(
        kind=PartKind.EVENT if rows.content is None else PartKind.ATTRIBUTE,
        model=rows.model.name,
        value=cited.value,
        event=cited.event,
        detail=shared,
        supporters=int(counts[cited.entry]) if len(counts) else None,
    )


def rarest(content: Content, left: int, right: int) -> str:
    """The attribute of most weight that two products share."""
    features = content.features
    common = set(features.row(left).tolist()).intersection(features.row(right).tolist())
    return str(features.names[max(common, key=lambda code: (content.idf[code], -code))])


class _Scratch(local):
    """Arrays as long as the catalogue, a set for each thread."""

    def __init__(self, n: int) -> None:
        self.pool = (
            np.zeros(n),
            np.zeros(n, dtype=np.int8),
            np.empty(n, dtype=np.int32),
            np.empty(n, dtype=np.int32),
        )
        self.slots = np.zeros(n, dtype=np.int16)


def _width(terms: Sequence[Term]) -> int:
    term = terms[0]
    if isinstance(term, Static):
        return len(term.model.scores)
    return len(term.model.neighbours.offsets) - 1


def _tables(rows: Sequence[Rows], n: int) -> tuple[tuple[NDArray[Any], ...], ...]:
    """Offsets, products and weights of each table; an empty one where there is none."""
    if not rows:
        none = np.zeros(n + 1, dtype=np.int64)
        return (none,), (np.empty(0, dtype=np.int32),), (np.empty(0, dtype=np.float32),)
    tables = [term.model.neighbours for term in rows]
    return (
        tuple(table.offsets for table in tables),
        tuple(table.products for table in tables),
        tuple(table.weights for table in tables),
    )
