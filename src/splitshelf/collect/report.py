"""What an import found, kept and left out: one document, and how a person reads it."""

from collections.abc import Iterator

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from splitshelf.core.events import Event
from splitshelf.core.products import Product


class Found(msgspec.Struct):
    """One file."""

    file: str
    format: str
    """The key in IMPORTERS."""
    title: str
    rows: int
    """Rows read."""


class Dropped(msgspec.Struct):
    """Rows or events left out for one reason."""

    reason: str
    count: int
    step: str
    """`read` for what the format itself leaves out, else the cleaning step."""
    example: str
    """The first one, as file:line."""


class Rejected(msgspec.Struct):
    """One row that breaks a rule."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


class StepReport(msgspec.Struct):
    """What one cleaning step did."""

    name: str
    title: str
    on: bool
    """Whether it was switched on; if not, the counts are what it would have done."""
    left_out: int
    changed: int


class TypeCount(msgspec.Struct):
    """How much of one type was kept."""

    events: int
    shoppers: int
    products: int


class ImportReport(msgspec.Struct, kw_only=True):
    """All that an import has to say. rows = kept + dropped + rejected, counted in events."""

    files: list[Found]
    rows: int = 0
    """Rows read from files of events."""
    events: int = 0
    """What the rows hold: one row may be several events, as an order is several lines."""
    kept: int = 0
    new: int = 0
    """Of those kept, how many the store did not have yet."""
    dropped: list[Dropped] = []
    rejected: int = 0
    rejects: list[Rejected] = []
    """The first of them."""
    types: dict[str, TypeCount] = {}
    shoppers: int = 0
    products: int = 0
    """Products that the kept events name."""
    first: str | None = None
    last: str | None = None
    catalogue: int = 0
    """Products written to the catalogue; in a dry run those of the files."""
    catalogue_from_events: int = 0
    """Of those, how many were made from the events, since no catalogue named them."""
    linked: int = 0
    """Devices linked to the shopper who used them."""
    steps: list[StepReport] = []
    notes: list[str] = []
    seconds: float = 0.0
    dry_run: bool = False
    sample: list[Event] = []
    """The first events as they would be stored; in a dry run."""
    sample_products: list[Product] = []


_REFUSED = 10
"""Refused rows that a person is shown; the document has more."""


def render(report: ImportReport, console: Console) -> None:
    """Write the report for a person."""
    for found in report.files:
        console.print(f"[bold]{escape(found.file)}[/]: {found.title}, {found.rows:,} rows")
    if report.rows:
        console.print(_accounts(report))
        console.print(_types(report))
    for line in _lines(report):
        console.print(line, highlight=False, markup=False)
    console.print(_closing(report), highlight=False)


def _lines(report: ImportReport) -> Iterator[str]:
    """What no table says, line by line."""
    if report.rows:
        yield from (f"- {sentence}" for sentence in map(_step, report.steps) if sentence)
    else:
        for one in report.dropped:
            yield f"- left out: {one.reason}: {one.count:,} rows, as {one.example}."
    if report.rejects:
        yield f"Refused: {report.rejected:,} rows. The first of them:"
        yield from (f"  {reject}" for reject in report.rejects[:_REFUSED])
    yield from (f"- {note}" for note in report.notes)
    sample = (*report.sample, *report.sample_products)
    if sample:
        yield "The first, as they would be stored:"
        yield from (f"  {msgspec.json.encode(entry).decode()}" for entry in sample)


def _accounts(report: ImportReport) -> Table:
    table = Table(title="What became of every row", title_justify="left")
    table.add_column("")
    table.add_column("events", justify="right")
    table.add_column("for example")
    table.add_row("rows read", f"{report.rows:,}", "")
    if report.events != report.rows:
        table.add_row("events in them", f"{report.events:,}", "")
    for dropped in report.dropped:
        table.add_row(f"left out: {dropped.reason}", f"-{dropped.count:,}", escape(dropped.example))
    if report.rejected:
        table.add_row("refused", f"-{report.rejected:,}", escape(str(report.rejects[0])))
    table.add_row("[bold]kept[/]", f"[bold]{report.kept:,}[/]", "")
    return table


def _types(report: ImportReport) -> Table:
    table = Table()
    for heading in ("kept", "events", "shoppers", "products"):
        table.add_column(heading, justify="left" if heading == "kept" else "right")
    for kind, count in report.types.items():
        table.add_row(kind, f"{count.events:,}", f"{count.shoppers:,}", f"{count.products:,}")
    table.add_row("all", f"{report.kept:,}", f"{report.shoppers:,}", f"{report.products:,}")
    return table


def _step(step: StepReport) -> str:
    """What a step did, in a sentence; nothing where it had nothing to do."""
    count = step.left_out + step.changed
    if not count:
        return ""
    if step.on:
        return f"{step.title}: {count:,} events. Switch: {step.name} in [cleaning]."
    return f"Not done, by the settings: {step.title} ({count:,} events). Switch: {step.name}."


def _dry(report: ImportReport) -> str:
    """What a dry run has to say at last: how much would be stored, or why nothing would."""
    if report.rejected:
        return (
            "Nothing was stored: this was a dry run. The import itself stops at refused rows: mend"
            " them, or give --rejects FILE to list them there and import the rest."
        )
    return (
        f"Nothing was stored: this was a dry run. The import itself would store up to"
        f" {report.kept:,} events and {report.catalogue:,} products."
    )


def _closing(report: ImportReport) -> str:
    if report.dry_run:
        return _dry(report)
    already = report.kept - report.new
    parts = [f"Stored {report.new:,} new events"]
    if already:
        parts.append(f" ({already:,} were there already)")
    if report.catalogue:
        parts.append(f" and {report.catalogue:,} products")
    if report.catalogue_from_events:
        parts.append(f" ({report.catalogue_from_events:,} of them known only from the events)")
    if report.linked:
        parts.append(f"; linked {report.linked:,} devices to their shoppers")
    return "".join(parts) + f" in {report.seconds:.1f} s."
