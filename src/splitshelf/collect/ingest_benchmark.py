"""How many events a second a store makes durable, beside a bare append to a file.

The variants take turns of a second or less each, so that a disk that slows down slows them all;
each figure is the median over the rounds, each ratio the median of the ratios to the floor of the
same round. The floor is what is least: the events of a batch as JSON lines, one write, one
fdatasync. A store is filled before it is measured, so that the bulk work beside the appends
(sorting histories) runs at its steady pace; what is still running after a turn is waited for, so
that it slows nobody else's turn.
"""

import asyncio
import gc
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import TypeAlias

import msgspec
import numpy as np

from splitshelf.collect.group_commit import GroupCommit
from splitshelf.collect.stores.opening import open_store
from splitshelf.core.events import Event, EventType
from splitshelf.core.protocols import Store

SHOPPERS = 20_000
PRODUCTS = 5_000
FILL = 200_000
"""Events stored before the first turn."""
EVENTS = 160_000
"""In one turn at most: all of them are made beforehand."""
CLIENTS = 32
_KINDS = (EventType.VIEW, EventType.CLICK, EventType.ADD_TO_CART, EventType.PURCHASE)
_SHARES = (0.72, 0.18, 0.07, 0.03)
_START = datetime(2026, 1, 1, tzinfo=UTC)

Take: TypeAlias = Callable[[list[list[Event]]], float]
"""Stores batches one by one, and says how many seconds that took."""


def shop_events(rng: np.random.Generator) -> Iterator[Event]:
    """Events without end, as a shop's pages send them: ids at random, popular products often."""
    number = 0
    while True:
        size = 4096
        shoppers = rng.integers(0, SHOPPERS, size)
        products = np.minimum(rng.zipf(1.3, size), PRODUCTS)
        kinds = rng.choice(len(_KINDS), size, p=_SHARES)
        prices = rng.integers(100, 20_000, size)
        for shopper, product, kind, cents in zip(shoppers, products, kinds, prices, strict=True):
            number += 1
            paid = _KINDS[kind] in {EventType.ADD_TO_CART, EventType.PURCHASE}
            yield Event(
                id=rng.bytes(16).hex(),
                at=_START + timedelta(milliseconds=number),
                type=_KINDS[kind],
                shopper=f"shopper-{shopper}",
                session=f"session-{shopper}-{number >> 16}",
                product=f"product-{product}",
                price=Decimal(int(cents)).scaleb(-2) if paid else None,
                currency="EUR" if paid else None,
                context={"device": "phone", "page": "product"},
            )


def measure(urls: Mapping[str, str], folder: Path, *, rounds: int, seconds: float) -> dict:
    """The report of `splitshelf benchmark ingest`: events per second and ratios by store."""
    events = shop_events(np.random.default_rng(1))
    stores = {name: open_store(url, folder) for name, url in urls.items()}
    floor = BareFile(folder / "floor.jsonl")
    try:
        for store in stores.values():
            fill(store, events)
        variants: dict[str, Take] = {"floor": floor.take, "floor_of_bytes": floor.take_bytes}
        variants |= {name: appending(store) for name, store in stores.items()}
        report: dict[str, dict] = {name: {} for name in variants}
        for size in (20, 200):
            rates = take_turns(variants, events, size, rounds, seconds)
            for name, found in rates.items():
                ratio = (
                    {} if name.startswith("floor") else {"ratio": ratio_of(found, rates["floor"])}
                )
                report[name][f"batch_{size}"] = {"events_per_second": median(found), **ratio}
        for name, store in stores.items():
            report[name]["single_32"] = single(store, events, rounds, seconds)
            report[name]["history_microseconds"] = history(store.history)
            report[name]["traces_microseconds"] = history(store.traces)
        report["fdatasync_microseconds"] = floor.latency()
    finally:
        floor.close()
        for store in stores.values():
            store.close()
    for name in ("floor", "floor_of_bytes"):
        report[name] = {k: v["events_per_second"] for k, v in report[name].items()}
    return report


def ratio_of(rates: Sequence[float], floor: Sequence[float]) -> float:
    """The median over the rounds of a rate to the floor of the same round."""
    return median(rate / least for rate, least in zip(rates, floor, strict=True))


class BareFile:
    """The least that makes a batch durable: JSON lines, one write, one fdatasync."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        self._lines = msgspec.json.Encoder().encode_lines
        self._took: list[float] = []

    def take(self, batches: list[list[Event]]) -> float:
        """Seconds to write the batches one by one."""
        start = time.perf_counter()
        for batch in batches:
            self._append(self._lines(batch))
        return time.perf_counter() - start

    def take_bytes(self, batches: list[list[Event]]) -> float:
        """Seconds to write the same bytes, encoded beforehand."""
        lines = [self._lines(batch) for batch in batches]
        start = time.perf_counter()
        for batch in lines:
            self._append(batch)
        return time.perf_counter() - start

    def latency(self) -> dict[str, float]:
        """How long an fdatasync took all through the run: median and 99th percentile."""
        p50, p99 = np.quantile(self._took, (0.5, 0.99)) * 1e6
        return {"p50": float(p50), "p99": float(p99)}

    def _append(self, content: bytes) -> None:
        os.write(self._file, content)
        start = time.perf_counter()
        os.fdatasync(self._file)
        self._took.append(time.perf_counter() - start)

    def close(self) -> None:
        """Release the file."""
        os.close(self._file)


def fill(store: Store, events: Iterator[Event]) -> None:
    """Store FILL events."""
    for _ in range(FILL // 2000):
        store.append([next(events) for _ in range(2000)])


def appending(store: Store) -> Take:
    """A function that appends batches to a store."""

    def take(batches: list[list[Event]]) -> float:
        start = time.perf_counter()
        for batch in batches:
            store.append(batch)
        took = time.perf_counter() - start
        store.settle()
        return took

    return take


def take_turns(
    variants: Mapping[str, Take],
    events: Iterator[Event],
    size: int,
    rounds: int,
    seconds: float,
) -> dict[str, list[float]]:
    """Events per second of each variant, in each round after the first."""
    rates: dict[str, list[float]] = {name: [] for name in variants}
    count = dict.fromkeys(variants, 4)
    for _ in range(rounds):
        for name, take in variants.items():
            batches = [[next(events) for _ in range(size)] for _ in range(count[name])]
            gc.freeze()  # the events that wait here are no work of the store's
            took = take(batches)
            gc.unfreeze()
            rates[name].append(count[name] * size / took)
            count[name] = max(4, min(int(count[name] * seconds / took), EVENTS // size))
    return {name: rate[1:] for name, rate in rates.items()}


def single(store: Store, events: Iterator[Event], rounds: int, seconds: float) -> dict[str, float]:
    """Single events of 32 clients at once, and how often one commit an event goes into that."""

    def grouped(batches: list[list[Event]]) -> float:
        with asyncio.Runner(loop_factory=fast_loop) as runner:
            took = runner.run(_clients(store, batches))
        store.settle()
        return took

    variants: dict[str, Take] = {"ungrouped": appending(store), "grouped": grouped}
    rates = take_turns(variants, events, 1, rounds, seconds)
    return {
        "events_per_second": median(rates["grouped"]),
        "ungrouped_per_second": median(rates["ungrouped"]),
        "ratio_ungrouped": ratio_of(rates["grouped"], rates["ungrouped"]),
    }


def fast_loop() -> asyncio.AbstractEventLoop:
    """The event loop that `serve` runs on."""
    try:
        import uvloop  # noqa: PLC0415 (not on every system)
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


async def _clients(store: Store, batches: list[list[Event]]) -> float:
    commit = GroupCommit(store)
    waiting = iter(batches)

    async def client() -> None:
        for batch in waiting:
            await commit.append(batch)

    start = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    took = time.perf_counter() - start
    commit.close()
    return took


def history(
    read: Callable[[str, int], object], reads: int = 2000, limit: int = 20
) -> dict[str, float]:
    """Microseconds to read the newest twenty acts of a shopper: median and 99th percentile."""
    rng = np.random.default_rng(2)
    took = []
    for shopper in rng.integers(0, SHOPPERS, reads):
        start = time.perf_counter()
        read(f"shopper-{shopper}", limit)
        took.append(time.perf_counter() - start)
    p50, p99 = np.quantile(took, (0.5, 0.99)) * 1e6
    return {"p50": float(p50), "p99": float(p99)}
