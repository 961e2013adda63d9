"""A linear model compiled for the request path: the same scores and reasons, some 30 times faster.

Popularity, neighbours, content and their additive blend are linear in the events, so one kernel
adds up their tables. Whatever else a model is, it is asked through its own methods.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Thread, local
from typing import Any

import numpy as np
from numpy.typing import NDArray

from splitshelf.core.arrays import Bools, Bytes, Floats, Ints
from splitshelf.core.context import Context
from splitshelf.core.events import EVENT_CODES, EVENT_TYPES, EventType
from splitshelf.core.evidence import PartKind
from splitshelf.core.protocols import Candidates, Model
from splitshelf.learn.blends.additive import Additive
from splitshelf.learn.dataset.weights import query_weights
from splitshelf.learn.models.content import Content
from splitshelf.learn.models.context import ContextModel
from splitshelf.learn.neighbours import NeighbourModel, Neighbours
from splitshelf.learn.static import StaticModel
from splitshelf.serve.citing import cite, rarest
from splitshelf.serve.explanation import Cause
from splitshelf.serve.kernels import UNTOUCHED, Sum, pool_of, scores_of
from splitshelf.serve.placement import Query
from splitshelf.serve.rankers import Plain, Ranker


@dataclass(frozen=True, slots=True)
class Rows:
    """One neighbour table of a sum."""

    model: NeighbourModel
    weight: float
    content: Content | None = None
    """Where the neighbours are those of attributes."""
    around: ContextModel | None = None
    """Where the rows are those of moments, which stand behind one empty row a product."""


@dataclass(frozen=True, slots=True)
class Static:
    """One term of a sum that is the same for everybody."""

    model: StaticModel
    weight: float


Term = Rows | Static
_NONE = np.empty(0, dtype=np.int32)
_NEAR = 256 << 20
"""Bytes of the arrays of one kind that are copied into memory."""
_AT_ONCE = 16 << 20
"""Bytes that are copied before the first request; more are copied beside the first ones."""
_NO_FACTORS = np.empty(0)
ACTS = query_weights(np.arange(len(EVENT_TYPES), dtype=np.int8))
"""float64 [types]: what an event of each type counts."""
_NAMES = 64
"""More than a moment has names."""
_VIEWS = np.full(_NAMES, EVENT_CODES[EventType.VIEW], dtype=np.int8)
_FRESH = np.zeros(_NAMES, dtype=np.int32)
_NO_PEAKS = np.empty(0, dtype=np.float32)


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
    elif isinstance(model, ContextModel):
        yield Rows(model.behind_products(), weight, around=model)
    elif isinstance(model, Additive):
        for name, share in model.weights.items():
            yield from terms_of(model.parts[name], weight * share)
    else:
        raise NotLinear(model.name)


class Compiled:
    """A sum of linear models; equal to the plain path, which the tests hold it to."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self._rows = [term for term in terms if isinstance(term, Rows)]
        self._static = [term for term in terms if isinstance(term, Static)]
        self._n = max(_width(term) for term in terms)
        self.sum = _sum(self._rows, self._static, self._n)
        size = sum(array.nbytes for column in self.sum.tables for array in column)
        if size <= _AT_ONCE:
            self._draw_near()
        else:
            Thread(target=self._draw_near, name="draw-near", daemon=True).start()
        self.scratch = Scratch(self._n)
        self._most = _NO_FACTORS, 1.0
        self._around = next((term.around for term in self._rows if term.around), None)

    def _draw_near(self) -> None:
        """Have what requests read in memory of our own, see `near`; they may begin before."""
        scores, supporters, weights = self.sum.statics
        self.sum = self.sum._replace(
            tables=tuple(map(near, self.sum.tables)),
            statics=(near(scores), near(supporters), weights),
        )

    def pool(  # noqa: PLR0917 (what a pool depends on)
        self,
        query: Query,
        context: Context,
        sellable: Bools,
        blocked: Ints,
        size: int,
        factors: Floats | None = None,
    ) -> Candidates:
        """The best sellable products that are not blocked, at most `size`, scores above 0."""
        return Candidates(
            *pool_of(
                self.sum.tables,
                self.events(query, context),
                self.sum.terms,
                self.sum.common,
                self.limits(sellable, factors),
                blocked[blocked < self._n],
                self.scratch.pool,
                size,
            )
        )

    def limits(self, sellable: Bools, factors: Floats | None) -> tuple[Bools, Floats, float]:
        """What the pool respects; the largest factor is looked for once a change of the rules."""
        if factors is None:
            return sellable, _NO_FACTORS, 1.0
        known, most = self._most
        if known is not factors:
            most = float(factors.max(initial=0.0))
            self._most = factors, most
        return sellable, factors, most

    def scores(self, query: Query, context: Context, codes: Ints) -> Floats:
        """The scores of some products that the model knows, float64 [len(codes)]."""
        tables, terms, (shared, _) = self.sum.tables, self.sum.terms, self.sum.common
        events, slots = self.events(query, context), self.scratch.slots
        return scores_of(tables, events, terms, shared, codes, slots)

    def causes(
        self, query: Query, context: Context, codes: Sequence[int]
    ) -> Sequence[Cause | None]:
        """For each product the event that adds most, or what all shoppers have in common."""
        if not codes:
            return []
        chosen = np.array(codes, dtype=np.int32)
        events = self.events(query, context)
        found = cite(self.sum, events, chosen, self.scratch.slots)
        columns = (column.tolist() for column in found)
        return [self.cause(events[0], *row) for row in zip(codes, *columns, strict=True)]

    def cause(  # noqa: PLR0917 (a row of the kernel's answer)
        self, sources: Ints, code: int, event: int, value: float, table: int, crowd: int
    ) -> Cause | None:
        """What one event adds, named by the table that adds most of it, or what all share.

        `code` is the product's, the rest is a row of what `citing.cite` found.
        """
        if value <= 0.0:
            return None
        if event < 0:
            model = self._static[table].model
            return Cause(value, model.kind, model.name, supporters=crowd)
        rows = self._rows[table]
        source = int(sources[event])
        if self._around is not None and source >= self._n:
            name = self._around.names[source - self._n]
            return Cause(value, PartKind.CONTEXT, rows.model.name, None, name, crowd)
        if rows.content is not None:
            detail = str(rows.content.features.names[self.feature(table, source, code)])
            return Cause(value, PartKind.ATTRIBUTE, rows.model.name, event, detail)
        supporters = crowd if crowd >= 0 else None
        return Cause(value, PartKind.EVENT, rows.model.name, event, None, supporters)

    def events(self, query: Query, context: Context) -> tuple[Ints, Bytes, Ints]:
        """The events of a query, and behind them what its moment reads, as if just viewed."""
        activity = query.activity
        if self._around is None:
            return activity.products, activity.types, activity.steps
        active = self._around.active(context)
        count = len(active)
        return (
            np.concatenate((activity.products, active + np.int32(self._n))),
            np.concatenate((activity.types, _VIEWS[:count])),
            np.concatenate((activity.steps, _FRESH[:count])),
        )

    def feature(self, table: int, source: int, code: int) -> int:
        """What names the cause of a score beside its table: the shared attribute, the moment.

        -1 where nothing does.
        """
        content = self._rows[table].content
        if content is None:
            return source if source >= self._n else -1
        features = content.features
        return rarest(features.offsets, features.codes, content.idf, source, code)


def peaks(rows: Neighbours) -> NDArray[np.float32]:
    """The largest weight of each row, float32; 0 for an empty one. Rows are in no order."""
    largest = np.zeros(len(rows.offsets) - 1, dtype=np.float32)
    filled = np.diff(rows.offsets) > 0
    if filled.any():
        largest[filled] = np.maximum.reduceat(rows.weights, rows.offsets[:-1][filled])
    return largest


class Scratch(local):
    """Arrays as long as the catalogue, a set for each thread."""

    def __init__(self, n: int) -> None:
        self.pool = np.full(n, UNTOUCHED), np.empty(n + 1, dtype=np.int32)
        self.slots = np.zeros(n, dtype=np.int16)


def _width(term: Term) -> int:
    if isinstance(term, Static):
        return len(term.model.scores)
    if term.around is not None:
        return term.around.n
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


def _sum(rows: Sequence[Rows], static: Sequence[Static], n: int) -> Sum:
    shared = np.zeros(n)
    for term in static:
        shared[: len(term.model.scores)] += term.weight * term.model.scores
    decays = np.array([term.model.decay for term in rows] or [0.0])
    return Sum(
        tables=_tables(rows, n),
        supporters=tuple(row.model.neighbours.supporters for row in rows) or (_NONE,),
        peaks=tuple(peaks(row.model.neighbours) for row in rows) or (_NO_PEAKS,),
        statics=_statics(static),
        terms=(ACTS, decays, np.array([term.weight for term in rows] or [0.0])),
        common=(shared, np.argsort(-shared, kind="stable").astype(np.int32)),
    )


def _statics(terms: Sequence[Static]) -> tuple[tuple[Floats, ...], tuple[Ints, ...], Floats]:
    """Scores, supporters and weights of what is the same for all; one that is 0 for none."""
    return (
        tuple(term.model.scores for term in terms) or (np.zeros(1),),
        tuple(term.model.supporters for term in terms) or (np.zeros(1, dtype=np.int32),),
        np.array([term.weight for term in terms] or [0.0]),
    )


def near(found: tuple[NDArray[Any], ...]) -> tuple[NDArray[Any], ...]:
    """The arrays, copied out of their files where they are small.

    A file is mapped in pages of 4 kB, and a request reads a few hundred rows, each in a page of its
    own; numpy asks for pages of 2 MB for what it allocates. Large arrays stay mapped, so that they
    open at once and processes share them.
    """
    return tuple(map(np.array, found)) if sum(a.nbytes for a in found) <= _NEAR else found
