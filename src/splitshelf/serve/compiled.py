"""A linear model compiled for the request path: the same scores and reasons, some 30 times faster.

Popularity, neighbours, content and their additive blend are linear in the events, so one kernel
adds up their tables. Whatever else a model is, it is asked through its own methods.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import local

import numpy as np

from splitshelf.core.arrays import Bools, Bytes, Floats, Ints, Longs
from splitshelf.core.context import Context
from splitshelf.core.events import EVENT_CODES, EVENT_TYPES, EventType
from splitshelf.core.evidence import PartKind
from splitshelf.core.protocols import Candidates, Model
from splitshelf.learn.blends.additive import Additive
from splitshelf.learn.dataset.weights import query_weights
from splitshelf.learn.models.content import Content
from splitshelf.learn.models.context import ContextModel
from splitshelf.learn.neighbours import NeighbourModel
from splitshelf.learn.static import StaticModel
from splitshelf.serve.citing import cite, rarest
from splitshelf.serve.explanation import Cause
from splitshelf.serve.kernels import STEPS, Scratch, Sum, fade, pool_of, scores_of
from splitshelf.serve.placement import Query
from splitshelf.serve.rankers import Plain, Ranker
from splitshelf.serve.strips import Strips
from splitshelf.serve.tables import Rows, Tables


@dataclass(frozen=True, slots=True)
class Static:
    """One term of a sum that is the same for everybody."""

    model: StaticModel
    weight: float


Term = Rows | Static
_NONE = np.empty(0, dtype=np.int32)
_NO_FACTORS = np.empty(0)
ACTS = query_weights(np.arange(len(EVENT_TYPES), dtype=np.int8))
"""float64 [types]: what an event of each type counts."""
_NAMES = 64
"""More than a moment has names."""
_VIEWS = np.full(_NAMES, EVENT_CODES[EventType.VIEW], dtype=np.int8)
_FRESH = np.zeros(_NAMES, dtype=np.int32)


def ranker_of(model: Model) -> Ranker:
    """The fastest way to ask a model."""
    return rankers_of([model])[model.name]


def rankers_of(models: Iterable[Model], folder: Path | None = None) -> dict[str, Ranker]:
    """The fastest way to ask each model, by name; those that are sums share their tables.

    `folder` is that of the artefact that they are all of.
    """
    rankers: dict[str, Ranker] = {}
    sums: dict[str, list[Term]] = {}
    for model in models:
        try:
            sums[model.name] = list(terms_of(model, 1.0))
        except NotLinear:
            rankers[model.name] = Plain(model)
    terms = [term for found in sums.values() for term in found]
    if terms:
        rows, n = [term for term in terms if isinstance(term, Rows)], max(map(_width, terms))
        tables, orders = Tables(rows, n, folder), Orders()
        rankers |= {name: Compiled(found, tables, orders) for name, found in sums.items()}
    return rankers


def favourites_of(ranker: Ranker | None) -> Ints | None:
    """The products by the score that all share, largest first; None where nobody sorted them."""
    if not isinstance(ranker, Compiled) or not len(ranker.sum.favourites):
        return None
    return ranker.sum.favourites


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

    def __init__(self, terms: Sequence[Term], tables: Tables, orders: "Orders") -> None:
        """`tables` hold those of the terms, and maybe more."""
        rows = {tables.place(term): term for term in terms if isinstance(term, Rows)}
        self._rows = rows
        self._static = [term for term in terms if isinstance(term, Static)]
        self._n = tables.n
        self.sum = _sum(terms, tables, orders)
        tables.follow(self._draw_near)
        self._tables = tables
        self.own = Own()
        self._most = _NO_FACTORS, 1.0
        self._around = next((term.around for term in rows.values() if term.around), None)

    @property
    def scratch(self) -> Scratch:
        """What the thread that asks may write on."""
        return self._tables.own.scratch

    def _draw_near(self, strips: Strips) -> None:
        self.sum = self.sum._replace(strips=strips)

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
        found = pool_of(
            self.sum,
            self.events(query, context),
            self.limits(sellable, factors),
            blocked[blocked < self._n],
            _NONE,
            self.scratch,
            size,
        )
        return Candidates(*found[:2])

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
        return scores_of(self.sum, self.events(query, context), codes, self.scratch)

    def causes(
        self, query: Query, context: Context, codes: Sequence[int]
    ) -> Sequence[Cause | None]:
        """For each product the event that adds most, or what all shoppers have in common."""
        if not codes:
            return []
        chosen = np.array(codes, dtype=np.int32)
        events = self.events(query, context)
        found = cite(self.sum, events, chosen)
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


def _width(term: Term) -> int:
    if isinstance(term, Static):
        return len(term.model.scores)
    if term.around is not None:
        return term.around.n
    return len(term.model.neighbours.offsets) - 1


class Own(local):
    """What each thread has for itself."""

    def __init__(self) -> None:
        self.standings: dict[tuple[int, ...], tuple[Longs, object]] = {}
        """See `express.drawing`; by what they are made of."""


class Orders:
    """The products by a score that all share, largest first; sorted once for models in common."""

    def __init__(self) -> None:
        self._known: dict[int, Ints] = {}

    def of(self, terms: Sequence[Static], shared: Floats) -> Ints:
        """The order of the scores that some terms come to, int32."""
        if not terms:
            return np.empty(0, dtype=np.int32)
        alone = id(terms[0].model) if len(terms) == 1 and terms[0].weight > 0.0 else 0
        found = self._known.get(alone) if alone else None
        if found is None:
            found = np.argsort(-shared, kind="stable").astype(np.int32)
            self._known[alone] = found
        return found


def _sum(terms: Sequence[Term], tables: Tables, orders: Orders) -> Sum:
    n = tables.n
    static = [term for term in terms if isinstance(term, Static)]
    statics = np.zeros((len(static), n))
    crowds = np.zeros((len(static), n), dtype=np.int32)
    for row, term in enumerate(static):
        size = len(term.model.scores)
        statics[row, :size] = term.weight * term.model.scores
        crowds[row, :size] = term.model.supporters
    shared = statics.sum(axis=0)
    count = len(tables.rows)
    worth = np.zeros((2, count))
    worth[0] = [one.model.decay for one in tables.rows]
    for term in terms:
        if isinstance(term, Rows):
            worth[1, tables.place(term)] += term.weight
    fades = [[fade(worth, t, step) for step in range(STEPS)] for t in range(count)]
    return Sum(
        strips=tables.strips,
        acts=ACTS,
        terms=worth,
        fades=np.array(fades).reshape(count, STEPS),
        statics=statics,
        crowds=crowds,
        shared=shared,
        favourites=orders.of(static, shared),
    )
