"""Import: read, check and clean whole files, and only then store them."""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from splitshelf.collect.checking import Checked, write_rejects
from splitshelf.collect.cleaning.running import clean
from splitshelf.collect.finding import Finder
from splitshelf.collect.identity import Identities
from splitshelf.collect.importers import IMPORTERS
from splitshelf.collect.importers.source import Source
from splitshelf.collect.report import Dropped, Found, ImportReport, TypeCount
from splitshelf.collect.staging import Stage
from splitshelf.collect.validation import product_of
from splitshelf.core.clock import Clock, system_clock
from splitshelf.core.errors import InputError
from splitshelf.core.people import ANONYMOUS
from splitshelf.core.products import Product
from splitshelf.core.protocols import Store
from splitshelf.core.settings import CleaningSettings

BATCH = 10_000
"""Events in one write."""
SHOWN_REJECTS = 20
Tell = Callable[[str, int, int | None], None]
"""Called with what is being done, how many more are done, and of how many (None: unknown)."""


def _silent(what: str, done: int, total: int | None) -> None:
    del what, done, total


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How to import."""

    format: str | None = None
    """A key of IMPORTERS; None finds it out."""
    mapped: Mapping[str, str] = field(default_factory=dict)
    """Our field -> the column that carries it."""
    dry_run: bool = False
    rejects: Path | None = None
    """Where to list rows that break a rule; without it one such row stops the import."""
    cleaning: CleaningSettings = field(default_factory=CleaningSettings)
    currency: str = "EUR"
    """The shop's own."""
    catalogue_from_events: bool = True
    """Whether a product that events name and no catalogue knows is added by its id."""


def run_import(
    paths: Sequence[Path],
    store: Store,
    options: ImportOptions | None = None,
    *,
    clock: Clock = system_clock,
    tell: Tell = _silent,
) -> ImportReport:
    """The report of an import of files or folders into the store.

    All or nothing: everything is read, checked and cleaned before the first write, and each event
    has an id made from its content, so that the same file twice adds nothing and an import that
    was killed while writing is completed by the same call. Raises InputError, with the first rows
    at fault, when a row breaks a rule and no rejects file is given.
    """
    chosen = options or ImportOptions()
    with tempfile.TemporaryDirectory(prefix="splitshelf-import-") as folder:
        stage = Stage(Path(folder))
        try:
            return _Import(stage, store, chosen, clock, tell).run(paths)
        finally:
            stage.close()


class _Import:
    """One import under way."""

    def __init__(
        self, stage: Stage, store: Store, options: ImportOptions, clock: Clock, tell: Tell
    ) -> None:
        self._stage = stage
        self._store = store
        self._options = options
        self._clock = clock
        self._checked = Checked(clock())
        self._tell = tell
        self._report = ImportReport(files=[], dry_run=options.dry_run)

    def run(self, paths: Sequence[Path]) -> ImportReport:
        started = time.perf_counter()
        options = self._options
        finder = Finder(self._stage.connection, options.format, options.mapped)
        for number, (source, name) in enumerate(finder.sources(paths)):
            self._read(number, source, name)
        if finder.passed:
            names = ", ".join(finder.passed)
            self._report.notes.append(f"Passed over, of no known format: {names}.")
        self._report.events = self._checked.seen
        if again := self._checked.replaced:
            self._report.notes.append(
                f"{again:,} rows name a product that an earlier row named: the last one stays."
            )
        self._refuse_rejects()
        self._tell("Cleaning", 0, None)
        self._stage.load()
        steps, notes = clean(self._stage, self._options.cleaning, self._options.currency)
        self._report.steps = steps
        self._report.notes += notes
        self._count()
        if self._options.dry_run:
            self._sample()
        else:
            self._write()
        self._report.seconds = round(time.perf_counter() - started, 3)
        return self._report

    def _read(self, number: int, source: Source, name: str) -> None:
        importer = IMPORTERS[name]
        found = Found(file=source.name, format=name, title=importer.title, rows=0)
        self._report.files.append(found)
        self._report.notes += importer.notes(source, self._stage.connection)
        last = 0
        self._tell(f"Reading {source.name}", 0, source.rows)
        for chunk in importer.read(source, self._options.mapped, self._stage.connection):
            rows = len({line.number for line in chunk} - {last})
            last = chunk[-1].number if chunk else last
            found.rows += rows
            self._stage.add(number, *self._checked.events(source, importer, chunk))
            self._tell(f"Reading {source.name}", rows, source.rows)
        self._checked.renumber(source)
        if importer.kind == "events":
            self._report.rows += found.rows

    def _refuse_rejects(self) -> None:
        self._report.rejected = len(self._checked.rejects)
        self._report.rejects = self._checked.rejects[:SHOWN_REJECTS]
        if not self._checked.rejects:
            return
        if self._options.rejects is not None:
            write_rejects(self._options.rejects, self._checked.rejects)
            self._report.notes.append(f"The refused rows are listed in {self._options.rejects}.")
        elif not self._options.dry_run:
            more = len(self._checked.rejects) - 1
            others = f" {more:,} more rows are wrong." if more else ""
            raise InputError(
                f"{self._checked.rejects[0]}{others} Nothing was imported; mend them, or give"
                " --rejects FILE to list them there and import the rest."
            )

    def _count(self) -> None:
        connection, report = self._stage.connection, self._report
        names = [found.file for found in report.files]
        rows = connection.execute(
            "SELECT reason, step, count(*), arg_min(file, seq), arg_min(line, seq)"
            " FROM gone JOIN lines USING (seq) GROUP BY ALL ORDER BY min(gone.rowid)"
        ).fetchall()
        cleaned = [Dropped(r, n, step, f"{names[f]}:{line}") for r, step, n, f, line in rows]
        report.dropped = [*self._checked.reasons.values(), *cleaned]
        rows = connection.execute(
            "SELECT type, count(*), count(DISTINCT shopper), count(DISTINCT product)"
            " FROM kept GROUP BY type ORDER BY count(*) DESC, type"
        ).fetchall()
        report.types = {kind: TypeCount(n, s, p) for kind, n, s, p in rows}
        row = connection.execute(
            "SELECT count(*), count(DISTINCT shopper), count(DISTINCT product),"
            ' min("at"), max("at") FROM kept'
        ).fetchone()
        if row:
            report.kept, report.shoppers, report.products = row[:3]
            report.first, report.last = (_iso(value) for value in row[3:])

    def _sample(self) -> None:
        self._report.sample = next(self._stage.events(5), [])
        self._report.sample_products = list(self._checked.products.values())[:5]
        self._report.catalogue = len(self._checked.products)

    def _write(self) -> None:
        self._write_products()
        self._tell("Storing", 0, self._report.kept)
        for events in self._stage.events(BATCH):
            self._report.new += self._store.append(events)
            self._tell("Storing", len(events), self._report.kept)
        self._report.linked = Identities(self._store, self._clock).adopt(self._logins())

    def _logins(self) -> Iterator[tuple[str, str, datetime]]:
        """The devices on which a known shopper was seen: device, shopper, first time."""
        result = self._stage.connection.execute(
            f"""
            SELECT context->>'{ANONYMOUS}' AS device, arg_min(shopper, "at"), min("at")
            FROM kept WHERE context->>'{ANONYMOUS}' != shopper GROUP BY device ORDER BY 3, 1
            """  # noqa: S608 (the key is ours)
        )
        while rows := result.fetchmany(BATCH):
            for device, known, at in rows:
                yield device, known, at.replace(tzinfo=UTC)

    def _write_products(self) -> None:
        products = dict(self._checked.products)
        if self._options.catalogue_from_events:
            known = {product.id for product in self._store.products()}.union(products)
            made = [one for one in self._named_products() if one.id not in known]
            self._report.catalogue_from_events = len(made)
            products |= {product.id: product for product in made}
        self._report.catalogue = len(products)
        if products:
            self._store.put_products(products.values())

    def _named_products(self) -> Iterator[Product]:
        """The products that the kept events name, as well as events can describe them."""
        result = self._stage.connection.execute(
            """
            SELECT product,
                coalesce(arg_max(context->>'item_name', "at"), product),
                arg_max(event->>'price', "at") FILTER (price > 0),
                arg_max(currency, "at") FILTER (price > 0),
                arg_max(context->>'brand', "at"),
                arg_max(context->>'category', "at")
            FROM kept WHERE product IS NOT NULL GROUP BY product ORDER BY product
            """
        )
        keys = ("id", "title", "price", "currency", "brand", "category")
        while rows := result.fetchmany(BATCH):
            for row in rows:
                yield product_of(dict(zip(keys, row, strict=True)), "")


def _iso(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat() + "Z"
