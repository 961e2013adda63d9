"""One question to the session neighbours at the size of a large shop, timed."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import numpy as np

from splitshelf.core.activity import Activity
from splitshelf.core.arrays import Bools, Floats, Ints, Longs
from splitshelf.core.context import Context
from splitshelf.core.protocols import Rng
from splitshelf.learn.dataset.dataset import Turns
from splitshelf.learn.models.sessions import Config
from splitshelf.learn.sequences import SequenceModel, index, walker

SHOWN = 21
"""Products that an answer holds, as in Kersbergen et al. 2022."""
_FLATNESS, _HEAD = 0.9, 10.0
_LENGTH = 5.5
"""Clicks of a session on average; at least two."""
_BLOCK = 1_000_000
_UNTIMED = 200


class Knn(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured; MB are millions of bytes."""

    clicks: int
    products: int
    sessions: int
    newest: int
    nearest: int
    queries: int
    p50_ms: float
    p90_ms: float
    p99_ms: float
    """Of one question to one thread: an activity in, the best 21 products out."""
    cpu_p50_ms: float
    cpu_p90_ms: float
    cpu_p99_ms: float
    """The same in processor time of the thread: what a busy machine adds is not in it."""
    index_mb: float
    build_seconds: float
    generate_seconds: float


def run_knn(clicks: int, products: int, config: Config, queries: int, rng: Rng) -> Knn:
    """The figures of one index and its questions.

    Clicks follow a power law: a product of rank r has weight 1 / (r + 10)^0.9; sessions have
    geometric lengths, 5.5 clicks on average. Questions are beginnings of sessions of that law that
    are not in the index.
    """
    started = time.perf_counter()
    codes = rng.permutation(products).astype(np.int32)
    turns, breaks = world(clicks, codes, rng)
    generated = time.perf_counter()
    sequences = index(turns, breaks, products, config.newest)
    model = walker("sessions", sequences, config)
    built = time.perf_counter()
    del turns, breaks
    asked = questions(queries + _UNTIMED, codes, rng)
    wall, cpu = _timed(model, asked)
    arrays = (*sequences.arrays().values(), model.rarities)
    return Knn(
        clicks=clicks,
        products=products,
        sessions=len(sequences.offsets) - 1,
        newest=config.newest,
        nearest=config.nearest,
        queries=queries,
        p50_ms=_percentile(wall, 50),
        p90_ms=_percentile(wall, 90),
        p99_ms=_percentile(wall, 99),
        cpu_p50_ms=_percentile(cpu, 50),
        cpu_p90_ms=_percentile(cpu, 90),
        cpu_p99_ms=_percentile(cpu, 99),
        index_mb=round(sum(array.nbytes for array in arrays) / 1e6, 1),
        build_seconds=round(built - generated, 2),
        generate_seconds=round(generated - started, 2),
    )


def world(clicks: int, codes: Ints, rng: Rng) -> tuple[Turns, Bools]:
    """Turns of visitors and where sessions begin, bool [clicks]; made block by block.

    `codes` are the products by rank, the most popular first.
    """
    drawn = np.empty(clicks, dtype=np.int32)
    for first in range(0, clicks, _BLOCK):
        count = min(_BLOCK, clicks - first)
        drawn[first : first + count] = codes[_ranks(count, len(codes), rng)]
    sizes = _sizes(int(clicks / _LENGTH * 1.1) + 10, rng)
    starts = np.cumsum(sizes) - sizes
    breaks = np.zeros(clicks, dtype=np.bool_)
    breaks[starts[starts < clicks]] = True
    return _turns(drawn, np.arange(clicks, dtype=np.int64)), breaks


def questions(count: int, codes: Ints, rng: Rng) -> list[Activity]:
    """Beginnings of sessions, one click or more."""
    lengths = rng.integers(1, _sizes(count, rng))
    return [Activity.of(codes[_ranks(int(length), len(codes), rng)]) for length in lengths]


def _ranks(count: int, products: int, rng: Rng) -> Longs:
    """Ranks from 0 by the power law, by the inverse of its distribution."""
    power = 1.0 - _FLATNESS
    low, high = _HEAD**power, (products + _HEAD) ** power
    drawn = (low + rng.random(count) * (high - low)) ** (1.0 / power) - _HEAD
    return np.minimum(drawn.astype(np.int64), products - 1)


def _sizes(count: int, rng: Rng) -> Longs:
    return rng.geometric(1.0 / (_LENGTH - 1.0), count) + 1


def _turns(products: Ints, times: Longs) -> Turns:
    """One visitor after the other; of what an index does not read there is nothing."""
    nothing = np.empty(0, dtype=np.int32)
    return Turns(
        offsets=np.array([0, len(products)]),
        products=products,
        weights=np.empty(0, dtype=np.float32),
        times=times,
        sessions=nothing,
        moments=nothing,
        contexts=nothing,
    )


def _timed(model: SequenceModel, asked: Sequence[Activity]) -> tuple[Floats, Floats]:
    """Milliseconds of each question after the untimed ones: by the clock, and of the thread."""
    wall, cpu = np.empty(len(asked)), np.empty(len(asked))
    context = Context(at=datetime.fromtimestamp(0, UTC))
    for number, activity in enumerate(asked):
        at, work = time.perf_counter_ns(), time.thread_time_ns()
        model.candidates(activity, context, SHOWN)
        cpu[number] = time.thread_time_ns() - work
        wall[number] = time.perf_counter_ns() - at
    return wall[_UNTIMED:] / 1e6, cpu[_UNTIMED:] / 1e6


def _percentile(values: Floats, which: int) -> float:
    return round(float(np.percentile(values, which)), 4)
