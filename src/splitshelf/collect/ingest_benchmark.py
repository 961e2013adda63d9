"""How many events a second a store makes durable, beside a bare append to a file.

The variants take turns of a fraction of a second each, so that a disk that slows down slows them
all; each figure is the median over the rounds. A store is filled before it is measured, so that
the bulk work that follows appends (folding histories) is running at its steady pace.
"""

import asyncio
import gc
import os
import time
from collections.abc import Callable, Iterator, Mapping
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
CLIENTS = 32
_KINDS = (EventType.VIEW, EventType.CLICK, EventType.ADD_TO_CART, EventType.PURCHASE)
_SHARES = (0.72, 0.18, 0.07, 0.03)
_START = datetime(2026, 1, 1, tzinfo=UTC)

Take: TypeAlias = Callable[[list[list[Event]]], None]


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
        variants: dict[str, Take] = {"floor": floor.take}
        variants |= {name: appending(store) for name, store in stores.items()}
        report: dict[str, dict] = {name: {} for name in variants}
        for size in (20, 200):
            rates = take_turns(variants, events, size, rounds, seconds)
            for name, rate in rates.items():
                ratio = {} if name == "floor" else {"ratio": rate / rates["floor"]}
                report[name][f"batch_{size}"] = {"events_per_second": rate, **ratio}
        for name, store in stores.items():
            report[name]["single_32"] = single(store, events, rounds, seconds)
            report[name]["history_microseconds"] = history(store)
    finally:
        floor.close()
        for store in stores.values():
            store.close()
    report["floor"] = {k: v["events_per_second"] for k, v in report["floor"].items()}
    return report


class BareFile:
    """The least that makes a batch durable: JSON lines, one write, one fdatasync."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        self._lines = msgspec.json.Encoder().encode_lines

    def take(self, batches: list[list[Event]]) -> None:
        """Write the batches one by one."""
        for batch in batches:
            os.write(self._file, self._lines(batch))
            os.fdatasync(self._file)

    def close(self) -> None:
        """Release the file."""
        os.close(self._file)


def fill(store: Store, events: Iterator[Event]) -> None:
    """Store FILL events."""
    for _ in range(FILL // 2000):
        store.append([next(events) for _ in range(2000)])


def appending(store: Store) -> Take:
    """A function that appends batches to a store."""

    def take(batches: list[list[Event]]) -> None:
        for batch in batches:
            store.append(batch)

    return take


def take_turns(
    variants: Mapping[str, Take],
    events: Iterator[Event],
    size: int,
    rounds: int,
    seconds: float,
) -> dict[str, float]:
    """Events per second of each variant: the median of its turns."""
    rates: dict[str, list[float]] = {name: [] for name in variants}
    count = dict.fromkeys(variants, 4)
    for _ in range(rounds):
        for name, take in variants.items():
            batches = [[next(events) for _ in range(size)] for _ in range(count[name])]
            gc.freeze()  # the events that wait here are no work of the store's
            start = time.perf_counter()
            take(batches)
            took = time.perf_counter() - start
            gc.unfreeze()
            rates[name].append(count[name] * size / took)
            count[name] = max(4, min(int(count[name] * seconds / took), 20_000 // size * 4))
    return {name: median(rate[1:]) for name, rate in rates.items()}


def single(store: Store, events: Iterator[Event], rounds: int, seconds: float) -> dict[str, float]:
    """Single events of 32 clients at once, and how often one commit an event goes into that."""

    def ungrouped(batches: list[list[Event]]) -> None:
        for batch in batches:
            store.append(batch)

    def grouped(batches: list[list[Event]]) -> None:
        asyncio.run(_clients(store, batches))

    variants = {"ungrouped": ungrouped, "grouped": grouped}
    rates = take_turns(variants, events, 1, rounds, seconds)
    return {
        "events_per_second": rates["grouped"],
        "ungrouped_per_second": rates["ungrouped"],
        "ratio_ungrouped": rates["grouped"] / rates["ungrouped"],
    }


async def _clients(store: Store, batches: list[list[Event]]) -> None:
    commit = GroupCommit(store)
    waiting = iter(batches)

    async def client() -> None:
        for batch in waiting:
            await commit.append(batch)

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    commit.close()


def history(store: Store, reads: int = 2000, limit: int = 20) -> dict[str, float]:
    """Microseconds to read the newest twenty events of a shopper: median and 99th percentile."""
    rng = np.random.default_rng(2)
    took = []
    for shopper in rng.integers(0, SHOPPERS, reads):
        start = time.perf_counter()
        store.history(f"shopper-{shopper}", limit)
        took.append(time.perf_counter() - start)
    p50, p99 = np.quantile(took, (0.5, 0.99)) * 1e6
    return {"p50": float(p50), "p99": float(p99)}
