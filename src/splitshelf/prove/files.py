"""Anybody's table of an experiment: read and summed up by DuckDB, never as rows in Python."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from splitshelf.core.arrays import Floats
from splitshelf.core.errors import InputError, UnknownName
from splitshelf.prove.summaries import Summary

TEXT = "read_csv(?, all_varchar = true, header = true)"
"""Types are ours to judge: a guess from the first rows fails, or lies, on later ones."""
READERS = {
    ".csv": TEXT,
    ".gz": TEXT,
    ".tsv": TEXT,
    ".parquet": "read_parquet(?)",
    ".jsonl": "read_json(?)",
    ".ndjson": "read_json(?)",
    ".json": "read_json(?)",
}
"""Suffix -> the DuckDB function that reads such a file."""
UNKNOWN = ("", "null", "na", "n/a", "nan", "none")
"""What stands in a column of numbers where nothing is known, in small letters."""


@dataclass(frozen=True, slots=True)
class Table:
    """A file opened as the view `rows` of a database of its own."""

    path: Path
    database: duckdb.DuckDBPyConnection
    columns: Mapping[str, str]
    """Name -> DuckDB's type."""

    def require(self, column: str) -> str:
        """The column, quoted for SQL; raises UnknownName where the file has no such column."""
        if column not in self.columns:
            raise UnknownName(f"column of {self.path.name}", column, self.columns)
        return quoted(column)

    def text(self, column: str) -> str:
        """The column as SQL text without blanks around it; NULL where it is empty."""
        return f"nullif(trim(CAST({self.require(column)} AS VARCHAR)), '')"

    def number(self, column: str) -> str:
        """The column as an SQL double; true is 1, false 0, what is unknown or no number NULL."""
        name = self.require(column)
        if self.columns[column] != "VARCHAR":
            return f"nullif(CAST({name} AS DOUBLE), 'nan'::DOUBLE)"
        words = f"CASE lower(trim({name})) WHEN 'true' THEN 1.0 WHEN 'false' THEN 0.0 END"
        return f"nullif(coalesce(TRY_CAST(trim({name}) AS DOUBLE), {words}), 'nan'::DOUBLE)"

    def check_numbers(self, columns: Iterable[str]) -> None:
        """Raise InputError where one of the columns holds something that is no finite number."""
        names = list(dict.fromkeys(columns))
        unknown = ", ".join(literal(one) for one in UNKNOWN)
        parts = []
        for name in names:
            column, number = self.text(name), self.number(name)
            wrong = f"lower({column}) NOT IN ({unknown}) AND ({number} IS NULL OR isinf({number}))"
            parts += [f"count(*) FILTER ({wrong})", f"min({column}) FILTER ({wrong})"]
        sql = f"SELECT {', '.join(parts)} FROM rows"  # noqa: S608 (quoted)
        found = self.database.execute(sql).fetchone() or ()
        for name, count, example in zip(names, found[::2], found[1::2], strict=True):
            if count:
                raise InputError(
                    f"{self.path}: column '{name}' holds '{example}'"
                    f"{f' and {count - 1:,} more like it' if count > 1 else ''}; it must hold "
                    "finite numbers with a decimal point, and nothing where they are not known."
                )

    def day(self, column: str) -> str:
        """The column as an SQL date; NULL where it is empty or no time."""
        name = self.require(column)
        if "TIMESTAMP" in self.columns[column] or self.columns[column] == "DATE":
            return f"CAST({name} AS DATE)"
        return f"CAST(TRY_CAST({self.text(column)} AS TIMESTAMP) AS DATE)"

    def check_times(self, column: str) -> None:
        """Raise InputError where a column holds something that is no date or time."""
        text = self.text(column)
        sql = f"SELECT min({text}) FROM rows WHERE {self.day(column)} IS NULL"  # noqa: S608 (quoted)
        (wrong,) = self.database.execute(sql).fetchone() or (None,)
        if wrong is not None:
            raise InputError(
                f"{self.path}: column '{column}' holds '{wrong}'; it must hold dates or times like "
                "2026-03-02 or 2026-03-02 18:30:00."
            )


def quoted(name: str) -> str:
    """A name as an SQL identifier.

    >>> print(quoted('a"b'))
    "a""b"
    """
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def opened(path: Path) -> Iterator[Table]:
    """The table in a csv, parquet or jsonl file, closed at the end of the block.

    Raises InputError where it cannot be read, or holds no row.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(READERS)
        raise InputError(f"{path}: the ending '{path.suffix}' is not known; allowed are {known}.")
    if not path.is_file():
        raise InputError(f"{path}: there is no such file.")
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as database:
        database.execute("SET enable_progress_bar = false")  # standard output is not ours
        try:
            call = reader.replace("?", literal(str(path)), 1)
            database.execute(f"CREATE VIEW rows AS SELECT * FROM {call}")  # noqa: S608 (quoted)
            columns = {row[0]: row[1] for row in database.execute("DESCRIBE rows").fetchall()}
            if database.execute("SELECT 1 FROM rows LIMIT 1").fetchone() is None:
                raise InputError(f"{path}: holds no row; it needs a header and rows below it.")
            yield Table(path, database, columns)
        except duckdb.Error as error:
            raise InputError(f"{path}: cannot be read: {first_line(error)}") from error


def literal(text: str) -> str:
    """A text as an SQL literal.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def first_line(error: Exception) -> str:
    """What an error says, without the lines that only help its author."""
    return str(error).splitlines()[0]


def moments(
    database: duckdb.DuckDBPyConnection,
    source: str,
    columns: Sequence[str],
    by: str,
    *,
    together: Sequence[Sequence[int]] | None = None,
    complete: bool = False,
) -> dict[str, Summary]:
    """Group -> the summary of some SQL expressions over the rows of a source, in one pass.

    Rows where an expression is NULL take no part; `complete` says that there are none. `together`
    lists which columns meet in one outcome: only their covariances are computed, others are nan.
    DuckDB's variances are Welford's, so the moments are centred from the start.
    """
    pairs = _pairs(len(columns), together)
    spreads = [
        f"var_pop({columns[i]})" if i == j else f"covar_pop({columns[i]}, {columns[j]})"
        for i, j in pairs
    ]
    means = [f"avg({column})" for column in columns]
    known = " AND ".join(f"({column}) IS NOT NULL" for column in columns)
    where = "" if complete else f"WHERE {known} "
    sql = (
        f"SELECT {by}, count(*), {', '.join(means + spreads)} FROM {source} "  # noqa: S608 (quoted)
        f"{where}GROUP BY 1 ORDER BY 1"
    )
    found = {}
    for group, n, *numbers in database.execute(sql).fetchall():
        m2 = np.full((len(columns), len(columns)), np.nan)
        for (i, j), spread in zip(pairs, numbers[len(columns) :], strict=True):
            m2[i, j] = m2[j, i] = n * spread
        found[str(group)] = Summary(n, np.array(numbers[: len(columns)], dtype=np.float64), m2)
    return found


def _pairs(k: int, together: Sequence[Sequence[int]] | None) -> list[tuple[int, int]]:
    """The pairs of columns whose second moments are needed, each once."""
    groups = [range(k)] if together is None else together
    return sorted({(max(i, j), min(i, j)) for group in groups for i in group for j in group})


def values(
    database: duckdb.DuckDBPyConnection, source: str, column: str, by: str
) -> dict[str, Floats]:
    """Group -> the values of one expression, float64, NULLs left out: for quantiles."""
    sql = (
        f"SELECT CAST({by} AS VARCHAR) AS g, CAST({column} AS DOUBLE) AS v FROM {source} "  # noqa: S608
        f"WHERE ({column}) IS NOT NULL"
    )
    table = database.execute(sql).fetchnumpy()
    groups = np.asarray(table["g"])
    return {str(g): np.asarray(table["v"])[groups == g] for g in np.unique(groups)}
