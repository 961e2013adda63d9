"""A small world to serve: a store in memory, additive models, a wired shop."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from splitshelf.collect.stores.walking import owner_of
from splitshelf.core.activity import Activity
from splitshelf.core.clock import microseconds
from splitshelf.core.context import Context
from splitshelf.core.errors import Unavailable
from splitshelf.core.events import EVENT_CODES, Event, EventType
from splitshelf.core.evidence import Part, PartKind
from splitshelf.core.experiments import Experiment
from splitshelf.core.products import Product
from splitshelf.core.protocols import Candidates, CatalogueChanges, Model
from splitshelf.core.requests import ShelfRequest
from splitshelf.core.settings import Settings
from splitshelf.core.slates import Exposure
from splitshelf.core.traces import TRACE, Traces
from splitshelf.serve.policies import default_policies
from splitshelf.serve.recommender import Recommender

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
WEIGHTS = {EventType.PURCHASE: 5.0, EventType.ADD_TO_CART: 3.0, EventType.DISMISS: -1.0}
STRENGTHS = np.array([WEIGHTS.get(kind, 1.0) for kind in EVENT_CODES])


@dataclass
class Memory:
    """A store in memory; `broken` makes every call raise Unavailable."""

    catalogue: dict[str, Product] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    events: dict[str, list[Event]] = field(default_factory=dict)
    exposures: dict[str, Exposure] = field(default_factory=dict)
    papers: dict[tuple[str, str], bytes] = field(default_factory=dict)
    version: int = 0
    broken: bool = False

    def _check(self):
        if self.broken:
            raise Unavailable("The store does not answer; try again later.")

    def append(self, events: Sequence[Event]) -> int:
        """All of them, ids not checked."""
        self._check()
        for event in events:
            self.events.setdefault(event.shopper, []).append(event)
        return len(events)

    def history(self, shopper: str, limit: int) -> Sequence[Event]:
        """The newest acts of a shopper, oldest first."""
        self._check()
        mine = [e for e in self.events.get(shopper, ()) if e.product is not None]
        acts = [e for e in mine if e.type is not EventType.IMPRESSION]
        return sorted(acts, key=lambda event: event.at)[-limit:]

    def traces(self, shopper: str, limit: int) -> Traces:
        """The same in fixed width."""
        rows = [
            (
                microseconds(event.at),
                EVENT_CODES[event.type],
                owner_of(event.product or ""),
                owner_of(event.session) if event.session else 0,
                np.nan if event.value is None else event.value,
            )
            for event in self.history(shopper, limit)
        ]
        return np.array(rows, dtype=TRACE)

    def traces_of(self, shoppers: Sequence[str], limit: int) -> Sequence[Traces]:
        """Those of each."""
        return [self.traces(shopper, limit) for shopper in shoppers]

    def latest(self, limit: int) -> Sequence[Event]:
        """The events that came last, newest first."""
        every = [event for mine in self.events.values() for event in mine]
        return sorted(every, key=lambda event: event.at, reverse=True)[:limit]

    def append_exposures(self, exposures: Sequence[Exposure]) -> None:
        """The first of an id is kept."""
        self._check()
        for exposure in exposures:
            self.exposures.setdefault(exposure.id, exposure)

    def exposure(self, exposure_id: str) -> Exposure | None:
        """One of them."""
        self._check()
        return self.exposures.get(exposure_id)

    def scan_exposures(self, since=None, until=None, experiment=None):
        """Those of a stretch of time, oldest first."""
        self._check()
        found = [e for e in self.exposures.values() if since is None or e.at >= since]
        found = [e for e in found if until is None or e.at < until]
        yield from (e for e in found if experiment in {None, e.experiment})

    def put_products(self, products: Iterable[Product]) -> int:
        """One version for all of them."""
        self.version += 1
        products = list(products)
        for product in products:
            self.catalogue[product.id] = product
            self.changed[product.id] = self.version
        return len(products)

    def delete_products(self, product_ids: Iterable[str]) -> int:
        """One version for all of them."""
        self.version += 1
        gone = [i for i in product_ids if self.catalogue.pop(i, None)]
        self.changed.update(dict.fromkeys(gone, self.version))
        return len(gone)

    def product(self, product_id: str) -> Product | None:
        """One of them."""
        return self.catalogue.get(product_id)

    def products(self) -> Sequence[Product]:
        """All of them."""
        return [self.catalogue[i] for i in sorted(self.catalogue)]

    def catalogue_version(self) -> int:
        """The number of changes."""
        self._check()
        return self.version

    def catalogue_changes(self, since: int) -> CatalogueChanges:
        """What became newer than `since`."""
        self._check()
        newer = [i for i, version in self.changed.items() if version > since]
        put = [self.catalogue[i] for i in newer if i in self.catalogue]
        return CatalogueChanges(self.version, put, [i for i in newer if i not in self.catalogue])

    def document(self, kind: str, name: str) -> bytes | None:
        """One of them."""
        self._check()
        return self.papers.get((kind, name))

    def documents(self, kind: str) -> Mapping[str, bytes]:
        """All of a kind."""
        self._check()
        return {name: body for (one, name), body in sorted(self.papers.items()) if one == kind}

    def put_document(self, kind: str, name: str, body: bytes) -> None:
        """Written or replaced."""
        self.papers[kind, name] = body

    def delete_document(self, kind: str, name: str) -> bool:
        """Whether it was there."""
        return self.papers.pop((kind, name), None) is not None


@dataclass(frozen=True)
class Table:
    """score = sum over events of strength x decay^step x weights[event's product, product]."""

    name: str
    weights: np.ndarray
    decay: float = 0.6
    supporters: int | None = 25

    def strengths(self, activity: Activity):
        """How much each event counts."""
        return STRENGTHS[activity.types] * self.decay ** activity.steps.astype(float)

    def score_all(self, activity: Activity, context: Context):
        """The whole sum at once."""
        return self.strengths(activity) @ self.weights[activity.products]

    def score(self, activity, context, products):
        """Some of it."""
        return self.score_all(activity, context)[products]

    def candidates(self, activity, context, n):
        """The best with a positive score, ties by index."""
        return best(self.score_all(activity, context), n)

    def evidence(self, activity, context, product):
        """One part an event."""
        values = self.strengths(activity) * self.weights[activity.products, product]
        return tuple(
            Part(
                kind=PartKind.EVENT,
                model=self.name,
                value=value,
                event=event,
                supporters=self.supporters,
            )
            for event, value in enumerate(values.tolist())
            if value
        )


@dataclass(frozen=True)
class Popular:
    """The same for everybody."""

    scores: np.ndarray
    name: str = "popular"
    kind: PartKind = PartKind.POPULARITY

    def score_all(self, activity, context):
        """A copy."""
        return self.scores.copy()

    def score(self, activity, context, products):
        """Some of it."""
        return self.scores[products]

    def candidates(self, activity, context, n):
        """The best with a positive score, ties by index."""
        return best(self.scores, n)

    def evidence(self, activity, context, product):
        """One part."""
        value = float(self.scores[product])
        part = Part(kind=self.kind, model=self.name, value=value, supporters=100)
        return (part,) if value else ()


@dataclass(frozen=True)
class Sum:
    """A linear blend of models."""

    parts: tuple[tuple[float, Any], ...]
    name: str = "additive"

    def score_all(self, activity, context):
        """The weighted sum."""
        return sum(weight * model.score_all(activity, context) for weight, model in self.parts)

    def score(self, activity, context, products):
        """Some of it."""
        return self.score_all(activity, context)[products]

    def candidates(self, activity, context, n):
        """The best with a positive score, ties by index."""
        return best(self.score_all(activity, context), n)

    def evidence(self, activity, context, product):
        """The parts of all, weighted."""
        return tuple(
            Part(
                **{name: getattr(part, name) for name in part.__struct_fields__}
                | {"value": weight * part.value}
            )
            for weight, model in self.parts
            for part in model.evidence(activity, context, product)
        )


@dataclass(frozen=True)
class Artefact:
    """A bundle in memory."""

    products: Sequence[str]
    models: Mapping[str, Model]
    version: str = "v1"
    folder: Path | None = None


def best(scores, n):
    """The at most n positive ones, best first."""
    order = np.lexsort((np.arange(len(scores)), -scores))[:n]
    order = order[scores[order] > 0].astype(np.int32)
    return Candidates(order, scores[order])


def products(n):
    """Products with brands of five and groups of two at the end of each ten."""
    return [
        Product(
            id=f"p{i:03d}",
            title=f"Thing {i}",
            brand=f"Brand {i // 5}",
            price=Decimal(i + 1),
            currency="EUR",
            stock=3,
            group=f"g{i // 10}" if i % 10 >= 8 else None,
        )
        for i in range(n)
    ]


def artefact(n=60, seed=0, version="v1", supporters=25):
    """Random sparse neighbours over n products; products at the end have none at all."""
    rng = np.random.default_rng(seed)
    weights = np.where(rng.random((n, n)) < 0.4, rng.random((n, n)), 0.0)
    weights[:, n - 10 :] = 0.0
    np.fill_diagonal(weights, 0.0)
    other = np.roll(weights, 3, axis=1) * 0.5
    popular = Popular(np.linspace(1, 0, n) ** 2)
    near = Table("covisits", weights, supporters=supporters)
    far = Table("item_knn", other, decay=0.8, supporters=supporters)
    blend = Sum(((1.0, near), (0.7, far), (0.05, popular)))
    models = {"additive": blend, "covisits": near, "popular": popular}
    return Artefact([f"p{i:03d}" for i in range(n)], models, version)


@dataclass
class World:
    """A wired shop and what it stands on."""

    store: Memory
    recommender: Recommender
    experiments: list[Experiment]
    numbers: int = 0

    def did(self, shopper, *acts, minutes=60, session=None):
        """Let a shopper do things, as "view:p001" or "rating:p001=4", the newest a minute ago."""
        start = NOW - timedelta(minutes=minutes)
        for act in acts:
            kind, _, product = act.partition(":")
            product, rated, value = product.partition("=")
            self.numbers += 1
            at = start + timedelta(milliseconds=self.numbers)
            event = Event(
                id=f"e{self.numbers}",
                at=at,
                type=EventType(kind),
                shopper=shopper,
                product=product,
                session=session,
                value=float(value) if rated else None,
            )
            self.store.append([event])

    def ask(self, shopper="ann", placement="home", *, fresh=False, **more):
        """One slate; the id counts up unless given."""
        self.numbers += 1
        request = {"id": f"r{self.numbers}", "context": Context(at=NOW), **more}
        wanted = ShelfRequest(shopper=shopper, placement=placement, **request)
        return self.recommender.recommend(wanted, fresh=fresh)


def world(n=60, *, bundle=None, settings=None, policies=None, **more):
    """A shop of n products."""
    store = Memory()
    store.put_products(products(n))
    settings = settings or Settings()
    experiments: list[Experiment] = []
    recommender = Recommender(
        store,
        bundle or artefact(n),
        policies or default_policies(settings.serve),
        lambda: experiments,
        settings,
        lambda: NOW,
        **more,
    )
    return World(store, recommender, experiments)
