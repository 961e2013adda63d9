"""Rows at the door: those that pass become events or products, the rest are listed with why."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from splitshelf.collect.importers.contract import NO_ROW, UNNAMED, Importer, Line
from splitshelf.collect.importers.source import Source
from splitshelf.collect.report import Dropped, Rejected
from splitshelf.collect.validation import AHEAD, all_plain, events_of, product_of
from splitshelf.core.errors import InputError
from splitshelf.core.events import Event
from splitshelf.core.products import Product

_DECODE = msgspec.json.Decoder(list[Event], strict=False).decode
_DECODE_ONE = msgspec.json.Decoder().decode


@dataclass(slots=True)
class Checked:
    """What became of the rows of an import so far."""

    received: datetime
    products: dict[str, Product] = field(default_factory=dict)
    reasons: dict[str, Dropped] = field(default_factory=dict)
    """Why rows were left out, each with its count and first example."""
    rejects: list[Rejected] = field(default_factory=list)
    """Rows that break a rule."""
    seen: int = 0
    """Events read, good or not."""
    replaced: int = 0
    """Rows of products whose id an earlier row had."""

    def events(
        self, source: Source, importer: Importer, chunk: Sequence[Line]
    ) -> tuple[list[int], list[Event]]:
        """The events of a chunk and the line of each; products are kept aside."""
        whole = [line for line in chunk if line.raw is not None]
        for line in chunk:
            if line.broken is not None:
                self.reject(source, line.number, line.broken)
            elif line.dropped is not None:
                self._leave_out(source, line, importer)
        if importer.kind == "products":
            self._take_products(source, whole)
            return [], []
        numbers, events = self._checked(source, whole)
        self.seen += len(chunk) - len(whole) + len(events)
        return numbers, events

    def renumber(self, source: Source) -> None:
        """Rows that are no rows were not counted by the csv reader: move those behind them on."""
        mine = [reject for reject in self.rejects if reject.file == source.name]
        for broken in sorted(reject.line for reject in mine if reject.reason.startswith(NO_ROW)):
            for reject in mine:
                if not reject.reason.startswith(NO_ROW) and reject.line >= broken:
                    reject.line += 1
        self.rejects.sort(key=lambda reject: (reject.file, reject.line))

    def reject(self, source: Source, line: int, reason: str) -> None:
        """List a row that breaks a rule."""
        self.rejects.append(Rejected(source.name, line, reason.removeprefix(": ")))

    def _take_products(self, source: Source, lines: Sequence[Line]) -> None:
        for line in lines:
            try:
                product = product_of(_raw(line), "")
            except InputError as error:
                self.reject(source, line.number, str(error))
            else:
                self.replaced += product.id in self.products
                self.products[product.id] = product

    def _checked(self, source: Source, lines: Sequence[Line]) -> tuple[list[int], list[Event]]:
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
        return events if all_plain(events, self.received + AHEAD) else None

    def _patient(self, source: Source, line: Line) -> list[Event]:
        try:
            return events_of(_raw(line), "", self.received, _unnamed)
        except InputError as error:
            self.reject(source, line.number, str(error))
            self.seen += 1
            return []

    def _leave_out(self, source: Source, line: Line, importer: Importer) -> None:
        reason = str(line.dropped)
        key = reason if importer.kind == "events" else f"{reason} (catalogue)"
        if key not in self.reasons:
            example = f"{source.name}:{line.number}"
            self.reasons[key] = Dropped(reason=key, count=0, step="read", example=example)
        self.reasons[key].count += 1


def write_rejects(path: Path, rejects: Sequence[Rejected]) -> None:
    """List the rejected rows in a file, one a line. Raises InputError where it cannot be."""
    try:
        path.write_text("".join(f"{reject}\n" for reject in rejects), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}.") from error


def _raw(line: Line) -> Any:  # noqa: ANN401 (whatever the file holds; the door judges it)
    return _DECODE_ONE(line.raw) if isinstance(line.raw, str) else line.raw


def _unnamed() -> str:
    return UNNAMED
