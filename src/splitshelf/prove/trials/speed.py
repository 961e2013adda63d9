"""How long one analysis of very many shoppers takes: ours, plain DuckDB, and tea-tasting.

Each way runs in a process of its own, so that its peak memory is its own:
`python -m splitshelf.prove.trials.speed WAY FILE` prints one JSON object.
"""

import importlib.util
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import msgspec

from splitshelf.prove.files import literal, moments
from splitshelf.prove.guards.sample_ratio import chi_squared
from splitshelf.prove.statistics import COMPARISONS, cuped

COLUMNS = ("clicks", "views", "revenue", "orders", "converted", "before")
TOGETHER = {
    "click_through": ("ratio", (0, 1)),
    "average_order_value": ("ratio", (2, 3)),
    "conversion": ("proportion", (4,)),
    "orders": ("mean", (3,)),
    "revenue": ("cuped", (2, 5)),
}
"""Outcome -> kind and its columns."""
PLAIN = (
    "SELECT variant, count(*), avg(clicks), avg(views), avg(revenue), avg(orders), avg(converted), "
    "avg(before), var_samp(clicks), var_samp(views), var_samp(revenue), var_samp(orders), "
    "var_samp(converted), var_samp(before), covar_samp(clicks, views), covar_samp(revenue, orders),"
    " covar_samp(revenue, before) FROM read_parquet({path}) GROUP BY 1"
)
THREADS = 2


def make(path: Path, shoppers: int) -> None:
    """Write a table of shoppers, the same on every machine: chance comes from hashes."""

    def chance(name: str) -> str:
        return f"(hash(i, {literal(name)}) % 1000003 / 1000003.0)"

    sql = f"""
    COPY (
      SELECT (hash(i, 'arm') % 2)::TINYINT AS variant, views::TINYINT AS views,
             least(views, clicks)::TINYINT AS clicks, orders::TINYINT AS orders,
             (orders > 0)::TINYINT AS converted, before::FLOAT AS before,
             (orders * (20 + 60 * {chance("money")}) + orders * before / 4)::FLOAT AS revenue
      FROM (SELECT i, 1 + floor(-4 * ln({chance("v")} + 1e-6)) AS views,
                   floor(-0.5 * ln({chance("c")} + 1e-6)) AS clicks,
                   ({chance("o")} < 0.06)::INT + ({chance("p")} < 0.01)::INT AS orders,
                   greatest(0, -30 * ln({chance("b")} + 1e-6) - 20) AS before
            FROM range({shoppers}) AS r(i))
    ) TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd)
    """  # noqa: S608 (a number and quoted literals)
    with duckdb.connect() as database:
        database.execute("SET enable_progress_bar = false")  # standard output is not ours
        database.execute(sql)


def ours(path: Path) -> dict[str, float]:
    """Outcome -> p, by one pass of DuckDB over the file and our formulas over the summaries."""
    with duckdb.connect(config={"threads": str(THREADS)}) as database:
        database.execute("SET enable_progress_bar = false")
        groups = [columns for _, columns in TOGETHER.values()]
        source = f"read_parquet({literal(str(path))})"
        arms = moments(database, source, COLUMNS, "variant", together=groups, complete=True)
    control, treatment = arms["0"], arms["1"]
    found = {"sample_ratio": chi_squared([control.n, treatment.n], [0.5, 0.5])[1]}
    for name, (kind, columns) in TOGETHER.items():
        test = cuped.compare if kind == "cuped" else COMPARISONS[kind]
        found[name] = test(control.pick(columns), treatment.pick(columns), 0.05).p
    return found


def plain(path: Path) -> dict[str, float]:
    """The same moments by DuckDB alone, without any statistics: the floor."""
    with duckdb.connect(config={"threads": str(THREADS)}) as database:
        database.execute("SET enable_progress_bar = false")
        rows = database.execute(PLAIN.format(path=literal(str(path)))).fetchall()
    return {"shoppers": float(sum(row[1] for row in rows))}


def tea_tasting(path: Path) -> dict[str, float]:
    """Outcome -> p by tea-tasting on DuckDB; needs the test dependencies."""
    tea = importlib.import_module("tea_tasting")
    experiment = tea.Experiment(
        click_through=tea.RatioOfMeans("clicks", "views"),
        average_order_value=tea.RatioOfMeans("revenue", "orders"),
        conversion=tea.Proportion("converted", correction=False),
        orders=tea.Mean("orders"),
        revenue=tea.Mean("revenue", covariate="before"),
        sample_ratio=tea.SampleRatio(),
    )
    with duckdb.connect(config={"threads": str(THREADS)}) as database:
        database.execute("SET enable_progress_bar = false")
        result = experiment.analyze(database.read_parquet(str(path)))
    return {name: float(result[name].pvalue) for name in (*TOGETHER, "sample_ratio")}


WAYS: dict[str, Callable[[Path], dict[str, float]]] = {
    "ours": ours,
    "duckdb": plain,
    "tea_tasting": tea_tasting,
}


class Measurement(msgspec.Struct, frozen=True):
    """What one way took and found."""

    seconds: float
    peak_mb: float
    """Of the whole process."""
    results: dict[str, float]


def measure(way: str, path: Path) -> Measurement:
    """What one way takes and finds, in this process."""
    if way == "tea_tasting":
        importlib.import_module("tea_tasting")  # its import is not what is measured
    start = time.perf_counter()
    found = WAYS[way](path)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measurement(seconds, peak, found)


def compare(path: Path, rounds: int) -> dict[str, Measurement]:
    """Way -> the best of some rounds, the ways taking turns, each in a new process."""
    best: dict[str, Measurement] = {}
    for _ in range(rounds):
        for way in WAYS:
            if way == "tea_tasting" and importlib.util.find_spec("tea_tasting") is None:
                continue
            command = [sys.executable, "-m", __spec__.name, way, str(path)]
            answer = subprocess.run(command, check=True, capture_output=True)  # noqa: S603 (our own module)
            one = msgspec.json.decode(answer.stdout, type=Measurement)
            if way not in best or one.seconds < best[way].seconds:
                best[way] = one
    return best


def largest_gap(left: dict[str, float], right: dict[str, float]) -> float:
    """The largest difference of the outcomes' p; the sample ratios differ by a correction."""
    return max(abs(left[name] - right[name]) for name in TOGETHER)


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(measure(sys.argv[1], Path(sys.argv[2]))))
