"""A store made of tables: the same code on every database."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from splitshelf.collect.stores.catalogue import CatalogueTable
from splitshelf.collect.stores.chains import Runs
from splitshelf.collect.stores.database import Database
from splitshelf.collect.stores.documents import DocumentTable
from splitshelf.collect.stores.events import EventTables
from splitshelf.collect.stores.exposures import ExposureTable
from splitshelf.collect.stores.memory import Memory
from splitshelf.collect.stores.people import PeopleTable
from splitshelf.collect.stores.scanning import Scans
from splitshelf.collect.stores.schema import migrate
from splitshelf.collect.stores.segments import Segments
from splitshelf.collect.stores.upkeep import Upkeep
from splitshelf.core.columns import EventColumns
from splitshelf.core.events import Event
from splitshelf.core.people import Member
from splitshelf.core.products import Product
from splitshelf.core.protocols import Arrivals, CatalogueChanges, PeopleChanges, Position
from splitshelf.core.slates import Exposure
from splitshelf.core.sticky import Assignment
from splitshelf.core.traces import Traces


class TableStore:
    """All that one installation keeps; see `core.protocols.Store` for what each method promises."""

    def __init__(self, database: Database, base: Path, name: str) -> None:
        """Brings the schema up to date; what is made from the log lies in `base` by this name."""
        migrate(database)
        self._database = database
        sealed, runs = Segments(base / f"{name}.segments"), Runs(base / f"{name}.histories")
        newest = database.rows("SELECT coalesce(max(seq), 0) FROM batches")[0][0]
        sealed.outlived(newest)
        runs.outlived(newest)
        memory = Memory(database, runs)
        self._scans = Scans(database, sealed)
        self._events = EventTables(database, memory)
        self._upkeep = Upkeep(database, memory, sealed, runs)
        self._exposures = ExposureTable(database)
        self._catalogue = CatalogueTable(database)
        self._people = PeopleTable(database)
        self._documents = DocumentTable(database)

    def append(self, events: Sequence[Event]) -> int:
        """How many of the events were new; durable when it returns."""
        return self._events.append(events)

    def history(self, shopper: str, limit: int) -> Sequence[Event]:
        """The shopper's newest events that name a product, oldest first, without impressions."""
        return self._events.history(shopper, limit)

    def traces(self, shopper: str, limit: int) -> Traces:
        """The same acts in fixed width."""
        return self._events.traces(shopper, limit)

    def traces_of(self, shoppers: Sequence[str], limit: int) -> Sequence[Traces]:
        """The traces of each of some shoppers, in the order given."""
        return self._events.traces_of(shoppers, limit)

    def scan(self, since: datetime | None = None, until: datetime | None = None) -> EventColumns:
        """All events with since <= at < until."""
        return self._scans.scan(since, until)

    def arrivals(self, after: Position | None = None) -> Arrivals:
        """The events that arrived after a position, or all of them; costs by their number."""
        return self._scans.arrivals(after)

    def latest(self, limit: int) -> Sequence[Event]:
        """The events that arrived last, newest first."""
        return self._events.latest(limit)

    def count(self) -> int:
        """How many events there are."""
        return self._events.count()

    def seal(self) -> int:
        """How many segments of the log were sealed, so that the next scan only loads them."""
        return self._scans.seal()

    def settle(self) -> None:
        """Return once nothing that follows the appends runs in the background any more."""
        self._events.settle()

    def forget(self, shopper: str) -> int:
        """How many events and exposures of one shopper there were; none is left."""
        return self._upkeep.forget(shopper)

    def expire(self, before: datetime) -> int:
        """How many events and exposures were older than `before`; none of these is left."""
        return self._upkeep.expire(before)

    def append_exposures(self, exposures: Sequence[Exposure]) -> None:
        """Store them durably; the same id twice keeps the first."""
        self._exposures.append(exposures)

    def exposure(self, exposure_id: str) -> Exposure | None:
        """One exposure, or None."""
        return self._exposures.one(exposure_id)

    def scan_exposures(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        experiment: str | None = None,
    ) -> Iterator[Exposure]:
        """Exposures with since <= at < until, oldest first."""
        return self._exposures.scan(since, until, experiment)

    def count_exposures(self) -> int:
        """How many exposures there are."""
        return self._exposures.count()

    def assignments(self, units: Sequence[str]) -> Sequence[Assignment]:
        """The choices of variant that the exposures of these units kept."""
        return self._exposures.assignments(units)

    def put_products(self, products: Iterable[Product]) -> int:
        """How many products were written; replaces what had the same id."""
        return self._catalogue.put(products)

    def product(self, product_id: str) -> Product | None:
        """One product as it is now, or None."""
        return self._catalogue.one(product_id)

    def products(self) -> Sequence[Product]:
        """Every product, sorted by id."""
        return self._catalogue.all()

    def delete_products(self, product_ids: Iterable[str]) -> int:
        """How many of them were there."""
        return self._catalogue.delete(product_ids)

    def catalogue_version(self) -> int:
        """A number that grows with every change, by any process."""
        return self._catalogue.version()

    def catalogue_changes(self, since: int) -> CatalogueChanges:
        """What changed after version `since`; everything there is where `since` is 0."""
        return self._catalogue.changes(since)

    def put_members(self, members: Iterable[Member]) -> None:
        """Store links, durably; replaces what an id was linked to."""
        self._people.put(members)

    def delete_members(self, ids: Iterable[str]) -> int:
        """How many of the ids were linked."""
        return self._people.delete(ids)

    def people_changes(self, since: int) -> PeopleChanges:
        """What changed after version `since`."""
        return self._people.changes(since)

    def put_document(self, kind: str, name: str, body: bytes) -> None:
        """Store or replace one document, durably."""
        self._documents.put(kind, name, body)

    def document(self, kind: str, name: str) -> bytes | None:
        """One document, or None."""
        return self._documents.one(kind, name)

    def documents(self, kind: str) -> Mapping[str, bytes]:
        """All documents of a kind, by name, sorted."""
        return self._documents.all(kind)

    def delete_document(self, kind: str, name: str) -> bool:
        """Whether there was one."""
        return self._documents.delete(kind, name)

    def close(self) -> None:
        """Release files and connections; everything acknowledged is already safe."""
        self._events.close()
        self._database.close()
