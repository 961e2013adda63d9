"""Import: read, check and clean whole files, and only then store them."""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from splitshelf.collect.cleaning.running import clean
from splitshelf.collect.importers import IMPORTERS
from splitshelf.collect.importers.contract import NO_ROW, UNNAMED, Importer, Line
from splitshelf.collect.importers.source import READABLE, Source, look, suffix
from splitshelf.collect.report import Dropped, Found, ImportReport, Rejected, TypeCount
from splitshelf.collect.staging import Stage
from splitshelf.collect.validation import AHEAD, all_plain, events_of, product_of
from splitshelf.core.clock import Clock, system_clock
from splitshelf.core.errors import InputError, UnknownName
from splitshelf.core.events import Event
from splitshelf.core.products import Product
from splitshelf.core.protocols import Store
from splitshelf.core.settings import CleaningSettings

BATCH = 10_000
"""Events in one write."""
SHOWN_REJECTS = 20
Tell = Callable[[str, int, int | None], None]
"""Called with what is being done, how many more are done, and of how many (None: unknown)."""

_DECODE = msgspec.json.Decoder(list[Event], strict=False).decode
_DECODE_ONE = msgspec.json.Decoder().decode


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
        self._received = clock()
        self._tell = tell
        self._products: dict[str, Product] = {}
        self._reasons: dict[str, Dropped] = {}
        self._rejects: list[Rejected] = []
        self._report = ImportReport(files=[], dry_run=options.dry_run)

    def run(self, paths: Sequence[Path]) -> ImportReport:
        started = time.perf_counter()
        for number, (source, name) in enumerate(self._sources(paths)):
            self._read(number, source, name)
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

    def _sources(self, paths: Sequence[Path]) -> list[tuple[Source, str]]:
        found: list[tuple[Source, str]] = []
        for path in paths:
            files = _files(path)
            known = [(source, self._format(source)) for source in map(self._look, files)]
            chosen = [(source, name) for source, name in known if name is not None]
            if not chosen:
                raise InputError(_unknown(known[0][0]))
            passed = [source.name for source, name in known if name is None]
            if passed:
                self._report.notes.append(f"Passed over, of no known format: {', '.join(passed)}.")
            found += chosen
        return [*found, *self._companions(found)]

    def _look(self, file: Path) -> Source:
        return look(file, self._stage.connection)

    def _format(self, source: Source) -> str | None:
        asked = self._options.format
        if asked is not None:
            if asked not in IMPORTERS:
                raise UnknownName("format", asked, IMPORTERS)
            return asked
        if self._options.mapped:
            return "table" if source.columns else "records"
        return next((name for name, it in IMPORTERS.items() if it.knows(source)), None)

    def _companions(self, found: list[tuple[Source, str]]) -> Iterator[tuple[Source, str]]:
        """The catalogue that lies beside Online Retail's file."""
        given = {source.path.resolve() for source, _ in found}
        for source, name in found:
            beside = source.path.parent / "products.csv"
            if name == "online_retail" and beside.exists() and beside.resolve() not in given:
                yield look(beside, self._stage.connection), "online_retail_products"

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
            self._take(number, source, importer, chunk)
            self._tell(f"Reading {source.name}", rows, source.rows)
        self._renumber(source)
        if importer.kind == "events":
            self._report.rows += found.rows

    def _take(self, number: int, source: Source, importer: Importer, chunk: list[Line]) -> None:
        whole = [line for line in chunk if line.raw is not None]
        for line in chunk:
            if line.broken is not None:
                self._reject(source, line.number, line.broken)
            elif line.dropped is not None:
                self._leave_out(source, line, importer)
        if importer.kind == "products":
            self._take_products(source, whole)
            return
        lines, events = self._checked(source, whole)
        self._report.events += len(chunk) - len(whole) + len(events)
        self._stage.add(number, lines, events)

    def _take_products(self, source: Source, lines: list[Line]) -> None:
        for line in lines:
            try:
                product = product_of(_raw(line), "")
            except InputError as error:
                self._reject(source, line.number, str(error))
            else:
                self._products[product.id] = product

    def _checked(self, source: Source, lines: list[Line]) -> tuple[list[int], list[Event]]:
        """The lines' events, fast when all are plain, else one by one."""
        texts = [line.raw for line in lines if isinstance(line.raw, str)]
        if texts and len(texts) == len(lines):
            events = self._decoded(texts)
            if events is not None:
                return [line.number for line in lines], events
        numbers: list[int] = []
        found: list[Event] = []
        for line in lines:
            part = self._patient(source, line)
            numbers += [line.number] * len(part)
            found += part
        return numbers, found

    def _decoded(self, texts: list[str]) -> list[Event] | None:
        try:
            events = _DECODE("[" + ",".join(texts) + "]")
        except (msgspec.DecodeError, UnicodeError):
            return None
        return events if all_plain(events, self._received + AHEAD) else None

    def _patient(self, source: Source, line: Line) -> list[Event]:
        try:
            return events_of(_raw(line), "", self._received, _unnamed)
        except InputError as error:
            self._reject(source, line.number, str(error))
            self._report.events += 1
            return []

    def _renumber(self, source: Source) -> None:
        """Rows that are no rows were not counted by the csv reader: move those behind them on."""
        mine = [reject for reject in self._rejects if reject.file == source.name]
        for broken in sorted(reject.line for reject in mine if reject.reason.startswith(NO_ROW)):
            for reject in mine:
                if not reject.reason.startswith(NO_ROW) and reject.line >= broken:
                    reject.line += 1
        self._rejects.sort(key=lambda reject: (reject.file, reject.line))

    def _reject(self, source: Source, line: int, reason: str) -> None:
        self._rejects.append(Rejected(source.name, line, reason.removeprefix(": ")))

    def _leave_out(self, source: Source, line: Line, importer: Importer) -> None:
        reason = str(line.dropped)
        key = reason if importer.kind == "events" else f"{reason} (catalogue)"
        if key not in self._reasons:
            example = f"{source.name}:{line.number}"
            self._reasons[key] = Dropped(reason=key, count=0, step="read", example=example)
        self._reasons[key].count += 1

    def _refuse_rejects(self) -> None:
        self._report.rejected = len(self._rejects)
        self._report.rejects = self._rejects[:SHOWN_REJECTS]
        if not self._rejects:
            return
        if self._options.rejects is not None:
            _write_rejects(self._options.rejects, self._rejects)
            self._report.notes.append(f"The refused rows are listed in {self._options.rejects}.")
        elif not self._options.dry_run:
            more = len(self._rejects) - 1
            others = f" {more:,} more rows are wrong." if more else ""
            raise InputError(
                f"{self._rejects[0]}{others} Nothing was imported; mend them, or give"
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
        report.dropped = [*self._reasons.values(), *cleaned]
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
        self._report.sample_products = list(self._products.values())[:5]

    def _write(self) -> None:
        self._write_products()
        self._tell("Storing", 0, self._report.kept)
        for events in self._stage.events(BATCH):
            self._report.new += self._store.append(events)
            self._tell("Storing", len(events), self._report.kept)

    def _write_products(self) -> None:
        products = list(self._products.values())
        if self._options.catalogue_from_events:
            known = self._products.keys() | {product.id for product in self._store.products()}
            made = [one for one in self._named_products() if one.id not in known]
            self._report.catalogue_from_events = len(made)
            products += made
        self._report.catalogue = len(products)
        if products:
            self._store.put_products(products)

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


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise InputError(f"{path} does not exist. Give a file or a folder.")
    if not path.is_dir():
        return [path]
    files = [file for file in sorted(path.iterdir()) if file.is_file() and suffix(file) in READABLE]
    if not files:
        raise InputError(f"{path} holds no file that ends in one of {', '.join(READABLE)}.")
    return files


def _write_rejects(path: Path, rejects: Sequence[Rejected]) -> None:
    try:
        path.write_text("".join(f"{reject}\n" for reject in rejects), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}.") from error


def _unknown(source: Source) -> str:
    seen = ", ".join(source.columns or source.head) or "nothing readable"
    return (
        f"{source.name}: is of no known format; it holds {seen}. Say which column is what:"
        " --map shopper=COLUMN --map product=COLUMN."
    )


def _raw(line: Line) -> Any:  # noqa: ANN401 (whatever the file holds; the door judges it)
    return _DECODE_ONE(line.raw) if isinstance(line.raw, str) else line.raw


def _unnamed() -> str:
    return UNNAMED


def _iso(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat() + "Z"
