"""How long the log takes to become training arrays, beside SQL that interns the same events.

The peer reads a Parquet file of the same events, with the names as text, and numbers shoppers,
products and sessions in DuckDB: what one would write without a store that interns at sealing.
"""

import resource
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from splitshelf.collect.stores.opening import open_store
from splitshelf.core.clock import moment
from splitshelf.core.events import EVENT_TYPES, Event

_CHUNK = 100_000
_PEER = """
WITH shoppers AS (SELECT shopper, row_number() OVER (ORDER BY shopper) - 1 AS code
                  FROM (SELECT DISTINCT shopper FROM events)),
     products AS (SELECT product, row_number() OVER (ORDER BY product) - 1 AS code
                  FROM (SELECT DISTINCT product FROM events)),
     sessions AS (SELECT session, row_number() OVER () - 1 AS code
                  FROM (SELECT DISTINCT session FROM events))
SELECT "at", type, shoppers.code AS shopper, products.code AS product, sessions.code AS session
FROM events JOIN shoppers USING (shopper) JOIN products USING (product)
    JOIN sessions USING (session)
ORDER BY "at"
"""


def measure_export(folder: Path, events: int, report: Callable[[int], None]) -> dict[str, Any]:
    """Seconds of both, their ratio, and the peak memory; `report` hears of events stored."""
    parquet = folder / "events.parquet"
    _write_parquet(parquet, events)
    store = open_store("sqlite:///export.sqlite", folder)
    try:
        for count in _fill(store.append, parquet):
            report(count)
        started = time.perf_counter()
        segments = store.seal()
        sealing = time.perf_counter() - started
        before = _peak()
        ours, columns = _timed(store.scan)
        after = _peak()
    finally:
        store.close()
    peer, arrays = _timed(lambda: _intern(parquet))
    if not np.array_equal(np.sort(columns.shopper), np.sort(arrays["shopper"])):
        raise ArithmeticError("The store and the peer do not agree on the shoppers.")
    return {
        "events": events,
        "splitshelf": {"seconds": ours, "peak_megabytes": after, "before_megabytes": before},
        "duckdb": {"seconds": peer},
        "ratio": ours / peer,
        "sealing": {"seconds": sealing, "segments": segments},
    }


def _write_parquet(path: Path, events: int) -> None:
    """A tenth as many shoppers as events, popular products, sessions of some five events."""
    sql = f"""
    COPY (
        SELECT 1700000000000000 + i * 1000 AS "at", (hash(i) % 3)::TINYINT AS type,
            'shopper-' || (hash(i // 5) % {max(events // 10, 1)}) AS shopper,
            'session-' || (i // 5) AS session,
            'product-' || floor(100000 * pow((hash(i + 7) % 1000000) / 1e6, 3))::INT AS product
        FROM range({events}) AS numbers(i)
    ) TO '{path}' (FORMAT parquet, COMPRESSION zstd)
    """  # noqa: S608 (numbers and a path of our own)
    with _duckdb() as connection:
        connection.execute(sql)


def _fill(append: Callable[[list[Event]], int], path: Path) -> Iterator[int]:
    with _duckdb() as connection:
        connection.execute(f"SELECT * FROM read_parquet('{path}')")  # noqa: S608 (our own path)
        number = 0
        while rows := connection.fetchmany(_CHUNK):
            batch = []
            for at, kind, shopper, session, product in rows:
                number += 1
                batch.append(
                    Event(
                        id=f"event-{number}",
                        at=moment(at),
                        type=EVENT_TYPES[kind],
                        shopper=shopper,
                        session=session,
                        product=product,
                    )
                )
            yield append(batch)


def _intern(path: Path) -> Mapping[str, Any]:
    with _duckdb() as connection:
        connection.execute(f"CREATE VIEW events AS SELECT * FROM read_parquet('{path}')")  # noqa: S608 (our own path)
        return connection.execute(_PEER).fetchnumpy()


def _duckdb() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")  # standard output is for the report
    return connection


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    answer = work()
    return time.perf_counter() - started, answer


def _peak() -> float:
    """The most memory that this process has had so far, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
