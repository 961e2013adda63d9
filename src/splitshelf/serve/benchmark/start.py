"""A generated shop whose artefact and catalogue are large: how long until it answers."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np

from splitshelf.collect.stores.opening import open_store
from splitshelf.core.protocols import Model, Rng
from splitshelf.core.settings import Settings
from splitshelf.learn.artefacts.manifest import Manifest
from splitshelf.learn.artefacts.writing import write
from splitshelf.learn.blends.additive import Additive
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.ids import Ids
from splitshelf.learn.models import MODELS
from splitshelf.serve.benchmark.shop import CONFIG, products

T = TypeVar("T")


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds by the clock of one start; the artefact lies in the memory of the system."""

    products: int
    artefact_mb: float
    """Millions of bytes."""
    load_seconds: float
    """Checksums of every file, and opening them."""
    ready_seconds: float
    """The assortment opened, every model asked once."""
    first_answer_seconds: float
    total_seconds: float
    unprepared_seconds: float
    """In all, of the start before, which read the whole catalogue."""


def make_start(folder: Path, count: int, rng: Rng) -> None:
    """A folder with settings, a catalogue of so many products, and an artefact that knows them.

    Its models are popularity, co-visits and their sum, fitted on two interactions a product,
    drawn in a random order; weights are given, as a search would change nothing in a start.
    """
    store = open_store(Settings().store.url, folder)
    try:
        store.put_products(products(count))
    finally:
        store.close()
    codes = rng.permutation(np.tile(np.arange(count, dtype=np.int32), 2))
    dataset = Dataset.from_rows(
        np.arange(0, 2 * count + 1, 20), codes[: 2 * count // 20 * 20], count
    )
    kinds = {name: MODELS[name] for name in ("covisits", "popular")}
    parts = {name: kind.fit(kind.config(), dataset, rng) for name, kind in kinds.items()}
    models: dict[str, Model] = {
        **parts,
        "additive": Additive(parts, {"covisits": 1.0, "popular": 0.1}),
    }
    manifest = Manifest(
        version="generated",
        made=datetime.now(UTC),
        until=datetime.now(UTC),
        seed=0,
        fingerprint=dataset.fingerprint(),
        events=len(dataset),
        shoppers=dataset.n_shoppers,
        products=count,
        default="additive",
        models={},
        metrics={},
        files={},
    )
    names = Ids.of(f"p{number}" for number in range(count))
    write(folder / Settings().model.folder, manifest, names, models)
    (folder / CONFIG).write_text("[serve]\nworker = false\n", encoding="utf-8")


def timed(act: Callable[[], T]) -> tuple[T, float]:
    """What comes of an act, and the seconds that it took."""
    started = time.perf_counter()
    found = act()
    return found, time.perf_counter() - started


def size_of(folder: Path) -> float:
    """Millions of bytes below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
