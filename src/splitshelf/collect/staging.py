"""Where an import waits until all of it is known to be good: a file of events and a DuckDB table.

Nothing reaches the store before everything was read, checked and cleaned. Memory stays bounded: the
events lie in a file, the table spills to disk, and both vanish with their folder.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

import duckdb
import msgspec

from splitshelf.collect.importers.contract import UNNAMED
from splitshelf.core.events import Event

MEMORY = "1GB"
"""What DuckDB may hold before it spills."""

_FIELDS = (
    '{"id":"VARCHAR","at":"TIMESTAMP","type":"VARCHAR","shopper":"VARCHAR","session":"VARCHAR",'
    '"product":"VARCHAR","quantity":"INTEGER","price":"DOUBLE","currency":"VARCHAR",'
    '"order":"VARCHAR","dwell":"DOUBLE","value":"DOUBLE","context":"JSON"}'
)


class _Staged(msgspec.Struct):
    f: int
    l: int  # noqa: E741 (written ten million times: short)
    e: Event


class Stage:
    """The events of one import, before and after cleaning."""

    def __init__(self, folder: Path) -> None:
        self.connection = duckdb.connect(str(folder / "stage.duckdb"))
        self.connection.execute(f"SET memory_limit = '{MEMORY}'")
        self.connection.execute(f"SET temp_directory = '{folder / 'spill'}'")
        self.connection.execute("SET enable_progress_bar = false")
        self.connection.execute("SET TimeZone = 'UTC'")
        self._path = folder / "events.jsonl"
        self._file: IO[bytes] = self._path.open("wb")
        self._encoder = msgspec.json.Encoder()

    def add(self, file: int, lines: Sequence[int], events: Sequence[Event]) -> None:
        """Keep checked events of file number `file`, each with the line it came from."""
        staged = [_Staged(file, line, event) for line, event in zip(lines, events, strict=True)]
        self._file.write(self._encoder.encode_lines(staged))

    def load(self) -> int:
        """How many events wait, now as the table `lines` and the view `kept`."""
        self._file.close()
        # the text of an unnamed event is its digest; the same line twice in a file is told by copy
        self.connection.execute(
            f"""
            CREATE TABLE lines AS
            SELECT seq, file, line, event, fields.id <> '{UNNAMED}' AS named,
                CASE WHEN named THEN fields.id ELSE left(md5(event), 24) END AS id,
                fields.* EXCLUDE (id, quantity), coalesce(fields.quantity, 1) AS quantity
            FROM (
                SELECT row_number() OVER () AS seq, f AS file, l AS line, e AS event,
                    from_json(e, '{_FIELDS}') AS fields
                FROM read_json('{self._path}', format = 'newline_delimited',
                    columns = {{'f': 'INTEGER', 'l': 'BIGINT', 'e': 'JSON'}})
            );
            CREATE TABLE gone (seq BIGINT, step VARCHAR, reason VARCHAR);
            CREATE TABLE copies (seq BIGINT, copy BIGINT);
            CREATE TABLE edits (seq BIGINT, patch JSON);
            CREATE TABLE rates (currency VARCHAR, rate DOUBLE);
            CREATE VIEW kept AS SELECT * FROM lines ANTI JOIN gone USING (seq);
            """  # noqa: S608 (our own folder and constants)
        )
        return self.one("SELECT count(*) FROM lines")

    def one(self, sql: str) -> int:
        """The single number that a query gives."""
        row = self.connection.execute(sql).fetchone()
        return int(row[0] or 0) if row else 0

    def drop(self, step: str, reason: str, sql: str) -> int:
        """How many events the query's `seq` take out of `kept`."""
        statement = f"INSERT INTO gone SELECT DISTINCT seq, ?, ? FROM ({sql})"  # noqa: S608 (a step's own SQL)
        row = self.connection.execute(statement, [step, reason]).fetchone()
        return int(row[0]) if row else 0

    def edit(self, sql: str) -> int:
        """How many events the query's `seq` and `patch` change."""
        statement = f"INSERT INTO edits SELECT seq, patch FROM ({sql})"  # noqa: S608 (as above)
        row = self.connection.execute(statement).fetchone()
        return int(row[0]) if row else 0

    def rates(self, rates: Mapping[str, float]) -> None:
        """Make the exchange rates known as the table `rates`."""
        for pair in rates.items():
            self.connection.execute("INSERT INTO rates VALUES (?, ?)", pair)

    def events(self, size: int) -> Iterator[list[Event]]:
        """What is kept, oldest first, `size` at a time."""
        head = len(f'{{"id":"{UNNAMED}"') + 1
        result = self.connection.cursor().execute(
            f"""
            SELECT CASE WHEN patch IS NULL THEN whole ELSE json_merge_patch(whole, patch) END
            FROM (
                SELECT patch, CASE WHEN named THEN event ELSE '{{"id":"' || id
                    || CASE WHEN copy > 1 THEN '-' || copy ELSE '' END
                    || '"' || substr(event, {head}) END AS whole
                FROM kept LEFT JOIN copies USING (seq) LEFT JOIN (
                    SELECT seq, json_merge_patch('{{}}', patch) AS patch FROM edits
                ) USING (seq) ORDER BY "at", seq
            )
            """  # noqa: S608 (constants)
        )
        decode = msgspec.json.Decoder(list[Event]).decode
        while rows := result.fetchmany(size):
            yield decode("[" + ",".join(row[0] for row in rows) + "]")

    def close(self) -> None:
        """Release the files."""
        self._file.close()
        self.connection.close()
