"""Which files an import reads, and by which importer each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from splitshelf.collect.importers import IMPORTERS
from splitshelf.collect.importers.contract import Mapped
from splitshelf.collect.importers.source import READABLE, Source, look, suffix
from splitshelf.core.errors import InputError, UnknownName


@dataclass(frozen=True, slots=True)
class Finder:
    """Looks at files and folders and says what each is."""

    connection: duckdb.DuckDBPyConnection
    format: str | None
    """A key of IMPORTERS; None finds it out."""
    mapped: Mapped
    passed: list[str] = field(default_factory=list)
    """Files of no known format beside others that have one."""

    def sources(self, paths: Sequence[Path]) -> list[tuple[Source, str]]:
        """The files to read and the key of each one's importer. Raises InputError for none."""
        found: list[tuple[Source, str]] = []
        for path in paths:
            looked = (look(file, self.connection) for file in _files(path))
            known = [(source, self._format(source)) for source in looked]
            chosen = [(source, name) for source, name in known if name is not None]
            if not chosen:
                raise InputError(_unknown(known[0][0]))
            self.passed.extend(source.name for source, name in known if name is None)
            found += chosen
        return [*found, *self._companions(found)]

    def _format(self, source: Source) -> str | None:
        if self.format is not None:
            if self.format not in IMPORTERS:
                raise UnknownName("format", self.format, IMPORTERS)
            return self.format
        if self.mapped:
            return "table" if source.columns else "records"
        return next((name for name, it in IMPORTERS.items() if it.knows(source)), None)

    def _companions(self, found: list[tuple[Source, str]]) -> Iterator[tuple[Source, str]]:
        """The catalogue that lies beside Online Retail's file."""
        given = {source.path.resolve() for source, _ in found}
        for source, name in found:
            beside = source.path.parent / "products.csv"
            if name == "online_retail" and beside.exists() and beside.resolve() not in given:
                yield look(beside, self.connection), "online_retail_products"


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise InputError(f"{path} does not exist. Give a file or a folder.")
    if not path.is_dir():
        return [path]
    files = [file for file in sorted(path.iterdir()) if file.is_file() and suffix(file) in READABLE]
    if not files:
        raise InputError(f"{path} holds no file that ends in one of {', '.join(READABLE)}.")
    return files


def _unknown(source: Source) -> str:
    seen = ", ".join(source.columns or source.head) or "nothing readable"
    return (
        f"{source.name}: is of no known format; it holds {seen}. Say which column is what:"
        " --map shopper=COLUMN --map product=COLUMN."
    )
