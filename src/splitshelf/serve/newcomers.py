"""Products newer than the models: what they share with what a shopper turned to speaks for them.

A new product is compared with those that the models know, by the attributes and the weights that
the content model learned, and stands in the row of a product as it would had it been there then.
That is done beside the requests, within milliseconds of the upsert.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from splitshelf.core.activity import Activity
from splitshelf.core.arrays import Floats, Ints, Longs
from splitshelf.core.clock import DAY, microseconds
from splitshelf.core.evidence import Part, PartKind
from splitshelf.core.products import Product
from splitshelf.core.protocols import Candidates, Model
from splitshelf.learn.blends.additive import Additive
from splitshelf.learn.dataset.features import attributes_of
from splitshelf.learn.models.content import Content
from splitshelf.learn.moments import QUARTER
from splitshelf.learn.overlap import Overlap, affordable
from splitshelf.serve.freshness import Assortment

MOST = 5_000
"""New products that take part, the newest ones; the others wait for the next training."""
RECENT = 14 * DAY
"""For how long a product is new after it was published."""
_NEAR = 300
"""Known products that a new one is compared with in the end, the most alike."""


@dataclass(frozen=True, slots=True)
class Row:
    """The known products in whose rows a new one stands."""

    weights: Mapping[int, float]
    """By the code of the known product: the weight of the pair."""
    attributes: Mapping[int, str]
    """By the same: the attribute of most weight that both share."""


@dataclass(frozen=True, slots=True)
class Found:
    """All new products that were compared so far; never changed."""

    rows: Mapping[int, Row] = field(default_factory=dict)
    """By the code of the new product."""
    entries: Mapping[int, tuple[Ints, Floats]] = field(default_factory=dict)
    """By the code of a known product: the new ones in its row, and their weights."""
    since: Mapping[int, int | None] = field(default_factory=dict)
    """By code: when each new product was published, microseconds UTC; None where it is newer than
    the models, whatever it says of that."""
    _recent: dict[int, Ints] = field(default_factory=dict)
    """What `recent` found, by the quarter of an hour."""

    def recent(self, at: int) -> Ints:
        """The products that are new at a moment, int32, rising; as of this quarter of an hour."""
        quarter = at // QUARTER
        found = self._recent.get(quarter)
        if found is None:
            codes = [
                code
                for code, since in self.since.items()
                if since is None or quarter * QUARTER - RECENT < since <= at
            ]
            found = self._recent[quarter] = np.array(sorted(codes)[-MOST:], dtype=np.int32)
        return found


class Newcomers:
    """What content says of the products that a shop added since the models were trained."""

    def __init__(self, content: Model | None, assortment: Assortment) -> None:
        """`content` is the model of that name; without one nothing is said."""
        self._content = content if isinstance(content, Content) else None
        self._assortment = assortment
        self._journal: list[int] | None = None
        self._read = 0
        self._found = Found()
        self._index: _Index | None = None
        self._worker = ThreadPoolExecutor(1, "newcomers")
        self._work: Future[None] | None = None

    def catch_up(self, at: int) -> Found:
        """What was found so far; what changed since is looked at beside the requests.

        `at` is now, microseconds UTC.
        """
        journal = self._assortment.journal
        stale = journal is not self._journal or self._read < len(journal)
        if stale and (self._work is None or self._work.done()):
            self._work = self._worker.submit(self._follow, at)
        return self._found

    def _follow(self, at: int) -> None:
        assortment = self._assortment
        journal = assortment.journal
        end = len(journal)
        changed = set(journal[self._read : end])
        if journal is not self._journal:  # at the start too, when nothing has changed yet
            self._journal = journal
            new = assortment.published > at - RECENT
            new[assortment.known :] = True
            changed = {*np.flatnonzero(new).tolist(), *self._found.since}
        first = max(assortment.known, len(assortment.ids) - MOST)
        rows = self._compared([code for code in changed if code >= first])
        entries = self._found.entries if rows is self._found.rows else _turned(rows)
        self._found = Found(rows, entries, self._dated(changed, at))
        self._read = end

    def _compared(self, changed: Sequence[int]) -> Mapping[int, Row]:
        """The rows of the new products, those that changed compared anew."""
        if self._content is None or not changed:
            return self._found.rows
        self._index = self._index or _Index(self._content)
        rows = dict(self._found.rows)
        for code in changed:
            rows.pop(code, None)
            product = self._assortment.products[code]
            if product is not None:
                rows[code] = self._index.row(product)
        return rows

    def _dated(self, changed: Iterable[int], at: int) -> Mapping[int, int | None]:
        """Since when each product is new that is, or will be, at a moment."""
        since = dict(self._found.since)
        for code in changed:
            since.pop(code, None)
            product = self._assortment.products[code]
            if product is None:
                continue
            if code >= self._assortment.known:
                since[code] = None
            elif product.published is not None and microseconds(product.published) > at - RECENT:
                since[code] = microseconds(product.published)
        return since


@dataclass(frozen=True, slots=True)
class Fresh:
    """What content says of new products to one shopper, as a part of one model's score."""

    found: Found
    content: Content
    weight: float
    """Of the content model in the model that answers."""
    activity: Activity

    def scored(self) -> Candidates:
        """The new products with a score, in no order."""
        scores: dict[int, float] = {}
        for source, strength in self._strengths():
            codes, weights = self.found.entries.get(source, _NOBODY)
            for code, weight in zip(codes.tolist(), weights.tolist(), strict=True):
                scores[code] = scores.get(code, 0.0) + strength * weight
        return Candidates(
            np.fromiter(scores, dtype=np.int32, count=len(scores)),
            np.fromiter(scores.values(), dtype=np.float64, count=len(scores)),
        )

    def parts(self, code: int) -> tuple[Part, ...]:
        """One part for each event whose product shares attributes with a new one."""
        row = self.found.rows.get(code)
        if row is None:
            return ()
        return tuple(
            Part(
                kind=PartKind.ATTRIBUTE,
                model=self.content.name,
                value=strength * row.weights[source],
                event=event,
                detail=row.attributes[source],
            )
            for event, (source, strength) in enumerate(self._strengths())
            if strength and source in row.weights
        )

    def _strengths(self) -> Iterator[tuple[int, float]]:
        strengths = self.weight * self.content.rows.strengths(self.activity)
        return zip(self.activity.products.tolist(), strengths.tolist(), strict=True)


_NOBODY: tuple[Ints, Floats] = np.empty(0, dtype=np.int32), np.empty(0)


def fresh_of(found: Found, model: Model | None, activity: Activity) -> Fresh | None:
    """What content says of new products by this model; None where it says nothing."""
    if not found.rows or not len(activity):
        return None
    if isinstance(model, Content):
        return Fresh(found, model, 1.0, activity)
    if isinstance(model, Additive):
        content, weight = model.parts.get("content"), model.weights.get("content", 0.0)
        if isinstance(content, Content) and weight > 0:
            return Fresh(found, content, weight, activity)
    return None


class _Index:
    """The products that have each attribute, and how long each product's list is."""

    def __init__(self, content: Content) -> None:
        features, settings = content.features, content.settings()
        self._content = content
        self._codes = {name: code for code, name in enumerate(features.names)}
        sizes = np.bincount(features.codes, minlength=len(features.names))
        self._starts: Longs = np.concatenate(([0], np.cumsum(sizes)))
        owners = np.repeat(np.arange(len(features), dtype=np.int32), np.diff(features.offsets))
        self._owners = owners[np.argsort(features.codes, kind="stable")]
        config = Overlap(
            settings["length_exponent"],
            settings["common"],
            settings["pairs"],
            settings["neighbours"],
        )
        self._telling = np.where(sizes <= affordable(sizes, config), content.idf, 0.0)
        whole = np.bincount(owners, weights=self._telling[features.codes], minlength=len(features))
        self._lengths = np.maximum(whole, 1e-9) ** config.length_exponent
        self._exponent, self._kept = config.length_exponent, config.neighbours

    def row(self, product: Product) -> Row:
        """The known products in whose rows a product would stand, as `content` weighs them."""
        named = {self._codes[name] for name in attributes_of(product) if name in self._codes}
        own = sorted(code for code in named if self._telling[code] > 0)
        holders = [self._owners[self._starts[code] : self._starts[code + 1]] for code in own]
        if not holders:
            return Row({}, {})
        worth = np.repeat(self._telling[own], [len(some) for some in holders])
        every = np.concatenate(holders)
        sums = np.bincount(every, weights=worth, minlength=len(self._lengths))
        length = max(float(self._telling[own].sum()), 1e-9) ** self._exponent
        known = np.flatnonzero(sums)
        weights = sums[known] / (self._lengths[known] * length)
        best = np.argsort(-weights, kind="stable")[:_NEAR]
        pairs = zip(known[best].tolist(), weights[best].tolist(), strict=True)
        kept = {code: weight for code, weight in pairs if weight >= self._least(code)}
        names = self._content.features.names
        shared = {code: names[self._rarest(own, code)] for code in kept}
        return Row(kept, shared)

    def _least(self, code: int) -> float:
        """What a product must weigh to stand in the row of another."""
        rows = self._content.rows.neighbours
        row = rows.weights[rows.offsets[code] : rows.offsets[code + 1]]
        return float(row.min()) if len(row) >= self._kept else 0.0

    def _rarest(self, own: list[int], code: int) -> int:
        shared = np.intersect1d(own, self._content.features.row(code))
        return int(shared[np.argmax(self._content.idf[shared])])


def _turned(rows: Mapping[int, Row]) -> dict[int, tuple[Ints, Floats]]:
    """The rows by known product."""
    found: dict[int, list[tuple[int, float]]] = {}
    for code, row in sorted(rows.items()):
        for source, weight in row.weights.items():
            found.setdefault(source, []).append((code, weight))
    return {
        source: (
            np.array([code for code, _ in pairs], dtype=np.int32),
            np.array([weight for _, weight in pairs]),
        )
        for source, pairs in found.items()
    }
