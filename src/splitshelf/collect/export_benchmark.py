"""How long the log takes to become training arrays, beside SQL that interns the same events.

The peer reads a Parquet file of the same events, with the names as text, and numbers shoppers,
products and sessions in DuckDB: what one would write without a store that interns at sealing. It
has as many threads as there are cores, as ours has, and hands out only the numbers; ours hands out
the sorted names as well. Slower ways to say the same in SQL were tried: enumerated types take four
times as long, copying the file into memory first a fifth as long again.
Each turn of either is a process of its own, so that neither warms the other and each has its own
peak of memory; the figures are medians of the turns.
"""

import json
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any, Final

import duckdb
import numpy as np

from splitshelf.collect.stores.opening import open_store
from splitshelf.core.clock import moment
from splitshelf.core.errors import FailureError
from splitshelf.core.events import EVENT_TYPES, Event

_CHUNK = 100_000
_URL = "sqlite:///export.sqlite"
_PARQUET = "events.parquet"
_PEER = """
WITH shoppers AS (SELECT shopper, (row_number() OVER (ORDER BY shopper) - 1)::INTEGER AS code
                  FROM (SELECT DISTINCT shopper FROM events)),
     products AS (SELECT product, (row_number() OVER (ORDER BY product) - 1)::INTEGER AS code
                  FROM (SELECT DISTINCT product FROM events)),
     sessions AS (SELECT session, (row_number() OVER () - 1)::INTEGER AS code
                  FROM (SELECT DISTINCT session FROM events))
SELECT "at", type, shoppers.code AS shopper, products.code AS product, sessions.code AS session
FROM events JOIN shoppers USING (shopper) JOIN products USING (product)
    JOIN sessions USING (session)
ORDER BY "at"
"""


def measure_export(
    folder: Path, events: int, rounds: int, report: Callable[[int], None]
) -> dict[str, Any]:
    """Seconds and peak memory of both, and their ratio; `report` hears of events stored."""
    parquet = folder / _PARQUET
    _write_parquet(parquet, events)
    store = open_store(_URL, folder)
    try:
        for count in _fill(store.append, parquet):
            report(count)
        started = time.perf_counter()
        segments = store.seal()
        sealing = time.perf_counter() - started
    finally:
        store.close()
    sealed = sum(path.stat().st_size for path in folder.glob("*.segments/*"))
    return {
        "events": events,
        **measure_turns(folder, rounds),
        "sealing": {"seconds": sealing, "segments": segments, "megabytes": sealed / 1e6},
    }


def measure_turns(folder: Path, rounds: int) -> dict[str, Any]:
    """Seconds and peak memory of both on the events of a folder, turn by turn, and their ratio."""
    turns = [{name: _child(name, folder) for name in SIDES} for _ in range(rounds)]
    if any(turn["splitshelf"]["shoppers"] != turn["duckdb"]["shoppers"] for turn in turns):
        raise FailureError("The store and the peer do not agree on the shoppers.")
    figures = {
        name: {
            "seconds": median(turn[name]["seconds"] for turn in turns),
            "peak_megabytes": max(turn[name]["peak_megabytes"] for turn in turns),
        }
        for name in SIDES
    }
    ratios = [turn["splitshelf"]["seconds"] / turn["duckdb"]["seconds"] for turn in turns]
    return {**figures, "ratio": median(ratios)}


def _child(name: str, folder: Path) -> dict[str, Any]:
    """What a process of its own says about one turn of one side."""
    code = f"from splitshelf.collect.export_benchmark import one_side; one_side({name!r})"
    done = subprocess.run(  # noqa: S603 (this very program)
        [sys.executable, "-c", code], cwd=folder, check=True, stdout=subprocess.PIPE
    )
    return json.loads(done.stdout)


def one_side(name: str) -> None:
    """Print one turn of one side, run in the folder of the events, as JSON."""
    started = time.perf_counter()
    shoppers = SIDES[name](Path())
    took = time.perf_counter() - started
    counts = np.bincount(np.bincount(shoppers)).tolist()  # how many shoppers have how many events
    report = {"seconds": took, "peak_megabytes": _peak(), "shoppers": counts}
    sys.stdout.write(json.dumps(report) + "\n")


def _peak() -> float:
    """The most memory that this process has had so far, in megabytes.

    On Linux by the kernel's own mark: `getrusage` begins with what the parent had.
    """
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        if found:
            return int(found[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _write_parquet(path: Path, events: int) -> None:
    """A tenth as many shoppers as events, popular products, sessions of some five events.

    One event in twenty arrives up to thirty seconds late, as they do in the log of a shop.
    """
    sql = f"""
    COPY (
        SELECT 1700000000000000 + i * 1000
                - CASE WHEN hash(i + 3) % 20 = 0 THEN (hash(i + 5) % 30000000)::BIGINT ELSE 0 END
                AS "at",
            (hash(i) % 3)::TINYINT AS type,
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


def _scan(folder: Path) -> Any:  # noqa: ANN401 (an array)
    """The shoppers of the whole log, by ours: open the store and scan it."""
    store = open_store(_URL, folder)
    try:
        return store.scan().shopper
    finally:
        store.close()


def _intern(folder: Path) -> Any:  # noqa: ANN401 (an array)
    """The shoppers of the whole file, by the peer."""
    with _duckdb() as connection:
        path = folder / _PARQUET
        connection.execute(f"CREATE VIEW events AS SELECT * FROM read_parquet('{path}')")  # noqa: S608 (our own path)
        return connection.execute(_PEER).fetchnumpy()["shopper"]


def _duckdb() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")  # standard output is for the report
    return connection


SIDES: Final[Mapping[str, Callable[[Path], Any]]] = {"splitshelf": _scan, "duckdb": _intern}
"""What is compared."""
