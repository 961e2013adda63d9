"""The contracts between the wings: who implements them and who calls them need not meet."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from splitshelf.core.activity import Activity
from splitshelf.core.arrays import Floats, Ints
from splitshelf.core.columns import EventColumns
from splitshelf.core.context import Context
from splitshelf.core.events import Event
from splitshelf.core.evidence import Part
from splitshelf.core.people import Member
from splitshelf.core.products import Product
from splitshelf.core.slates import Exposure
from splitshelf.core.sticky import Assignment
from splitshelf.core.traces import Traces


@dataclass(frozen=True, slots=True)
class Candidates:
    """Products worth scoring, best first."""

    products: Ints
    """int32 [k]: index into the products of the artefact, none twice."""
    scores: Floats
    """float64 [k]: falling."""


@dataclass(frozen=True, slots=True)
class CatalogueChanges:
    """What became of the catalogue between two of its versions."""

    version: int
    """The version that these changes lead to."""
    products: Sequence[Product]
    """Those put since then, each once, as they are now."""
    deleted: Sequence[str]
    """The ids of those that are gone."""


@dataclass(frozen=True, slots=True)
class PeopleChanges:
    """What became of the links between two of their versions."""

    version: int
    """The version that these changes lead to."""
    linked: Sequence[Member]
    """Those put since then, the older first."""
    alone: Sequence[str]
    """The ids that were unlinked."""
    whole: bool = False
    """Whether `linked` is all there is, not only what changed."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far somebody has read the log, in the order of arrival."""

    epoch: int
    """Changes when events are taken out of the log."""
    seq: int


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What arrived after a position of the log."""

    position: Position
    """How far these lead."""
    columns: EventColumns | None
    """None where events were taken out of the log since, so that it must be read anew."""


class Model(Protocol):
    """A trained model: reads an activity, scores products, and says why.

    A model is immutable: any thread may call it. Its parts sum to its score within 1e-6. It knows
    products by their index in the dataset that it was fitted on and is never asked for others.
    """

    @property
    def name(self) -> str:
        """The key of its kind in `learn.models.MODELS`."""
        ...

    def score_all(self, activity: Activity, context: Context) -> Floats:
        """The score of every product, float64 [n products]; 0 where there is no evidence."""
        ...

    def score(self, activity: Activity, context: Context, products: Ints) -> Floats:
        """The scores of some products, float64 [len(products)]; equal to those of `score_all`."""
        ...

    def candidates(self, activity: Activity, context: Context, n: int) -> Candidates:
        """At most n products with a positive score, best first; ties by index."""
        ...

    def evidence(self, activity: Activity, context: Context, product: int) -> tuple[Part, ...]:
        """The parts that sum to the score of one product; none of them zero."""
        ...

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """All that `restore` needs, as plain arrays; no pickle."""
        ...

    def settings(self) -> dict[str, Any]:
        """The configuration that it was fitted with, as plain JSON values."""
        ...


class EventLog(Protocol):
    """The one log: appended once, durably, and read by learning and proving alike."""

    def append(self, events: Sequence[Event]) -> int:
        """How many of the events were new; durable (survives `kill -9`) when it returns.

        The same id twice counts once. All or nothing. Raises Unavailable when the disk refuses.
        """
        ...

    def history(self, shopper: str, limit: int) -> Sequence[Event]:
        """The shopper's newest events that name a product, oldest first, at most `limit`.

        Impressions are left out: being shown something is not an act. Reading sees every event
        acknowledged before, by any process.
        """
        ...

    def traces(self, shopper: str, limit: int) -> Traces:
        """What `history` gives, in fixed width: several times as fast, for the ranking."""
        ...

    def traces_of(self, shoppers: Sequence[str], limit: int) -> Sequence[Traces]:
        """The traces of each of some shoppers, in the order given, all as of one moment.

        One question to the database for all of them, whatever their number.
        """
        ...

    def scan(self, since: datetime | None = None, until: datetime | None = None) -> EventColumns:
        """All events with since <= at < until."""
        ...

    def arrivals(self, after: Position | None = None) -> Arrivals:
        """The events that arrived after a position, or all of them; costs by their number."""
        ...

    def latest(self, limit: int) -> Sequence[Event]:
        """The events that arrived last, newest first."""
        ...

    def count(self) -> int:
        """How many events there are."""
        ...

    def seal(self) -> int:
        """How many parts of the log were made ready for a fast scan; for quiet moments."""
        ...

    def settle(self) -> None:
        """Return once nothing that follows the appends runs in the background any more."""
        ...


class ExposureLog(Protocol):
    """What was shown, with its propensities."""

    def append_exposures(self, exposures: Sequence[Exposure]) -> None:
        """Store them durably; the same id twice keeps the first."""
        ...

    def exposure(self, exposure_id: str) -> Exposure | None:
        """One exposure, or None."""
        ...

    def scan_exposures(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        experiment: str | None = None,
    ) -> Iterator[Exposure]:
        """Exposures with since <= at < until, oldest first."""
        ...

    def count_exposures(self) -> int:
        """How many exposures there are."""
        ...

    def assignments(self, units: Sequence[str]) -> Sequence[Assignment]:
        """The choices of variant that the exposures of these units kept, of all experiments.

        The first of a unit, experiment and version stays.
        """
        ...


class Catalogue(Protocol):
    """What the shop sells, as it is now."""

    def put_products(self, products: Iterable[Product]) -> int:
        """How many products were written; replaces what had the same id. All or nothing."""
        ...

    def product(self, product_id: str) -> Product | None:
        """One product as it is now, or None."""
        ...

    def products(self) -> Sequence[Product]:
        """Every product, sorted by id."""
        ...

    def delete_products(self, product_ids: Iterable[str]) -> int:
        """How many of them were there."""
        ...

    def catalogue_version(self) -> int:
        """A number that grows with every change, by any process: cheap enough for each request."""
        ...

    def catalogue_changes(self, since: int) -> CatalogueChanges:
        """What changed after version `since`; everything there is where `since` is 0.

        Costs by the number of changes, not by the size of the catalogue: stock flips all day.
        """
        ...


class Links(Protocol):
    """Which ids belong to one person."""

    def put_members(self, members: Iterable[Member]) -> None:
        """Store links, durably; replaces what an id was linked to. All or nothing."""
        ...

    def delete_members(self, ids: Iterable[str]) -> int:
        """How many of the ids were linked."""
        ...

    def people_changes(self, since: int) -> PeopleChanges:
        """What changed after version `since`; costs by the number of changes."""
        ...


class Documents(Protocol):
    """Small named JSON documents: experiments, rules, reports. One kind is one folder."""

    def put_document(self, kind: str, name: str, body: bytes) -> None:
        """Store or replace one document, durably."""
        ...

    def document(self, kind: str, name: str) -> bytes | None:
        """One document, or None."""
        ...

    def documents(self, kind: str) -> Mapping[str, bytes]:
        """All documents of a kind, by name, sorted."""
        ...

    def delete_document(self, kind: str, name: str) -> bool:
        """Whether there was one."""
        ...


class Store(EventLog, ExposureLog, Catalogue, Links, Documents, Protocol):
    """All that one installation keeps; SQLite and PostgreSQL implement it, one suite tests both."""

    def forget(self, shopper: str) -> int:
        """How many events and exposures of one shopper there were; none is left, in any process.

        A late retry of one of them is not stored again.
        """
        ...

    def expire(self, before: datetime) -> int:
        """How many events and exposures were older than `before`; none of these is left."""
        ...

    def close(self) -> None:
        """Release files and connections; everything acknowledged is already safe."""
        ...


Rng = np.random.Generator
