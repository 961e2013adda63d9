"""Training: the log and the catalogue in, an artefact on disk out."""

import time
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

import msgspec
import numpy as np

from splitshelf.core.clock import Clock, microseconds, moment
from splitshelf.core.columns import EventColumns
from splitshelf.core.errors import InputError, UnknownName
from splitshelf.core.machines import RATE, machines, without
from splitshelf.core.protocols import Catalogue, EventLog, Links
from splitshelf.core.settings import ModelSettings
from splitshelf.learn.artefacts.manifest import MANIFEST, Manifest, ModelEntry
from splitshelf.learn.artefacts.writing import write
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.dataset.joining import joined
from splitshelf.learn.deep.framework import learning
from splitshelf.learn.ids import Ids
from splitshelf.learn.models import MODELS
from splitshelf.learn.training.recipe import PARTS, Recipe, Step, Trained, train_models
from splitshelf.learn.training.steps import Steps, Weigh, taken
from splitshelf.learn.training.tuned import Tuned, keep, stored
from splitshelf.learn.training.tuning import Budget, Setting, library, tune

DEFAULT = "additive"


class Source(EventLog, Catalogue, Links, Protocol):
    """What training reads: any store is one."""


class TrainingReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was trained on what, how long it took, and how good it is."""

    version: str
    folder: str
    until: datetime
    events: int
    """Acts with a product; impressions and searches are none."""
    shoppers: int
    products: int
    bots: int
    """Shoppers left out because they act as no person can."""
    seconds: float
    default: str
    weights: dict[str, float]
    """Of the parts in the default blend."""
    metrics: dict[str, dict[str, float | None]]
    """By model and metric; empty where the log is too short to hold anything out."""
    measured_on: int
    """Held-out shoppers."""
    steps: Steps
    """What was done to the log before."""
    tuning: Tuned | None
    """The search whose verdict was used, of this run or an earlier one."""


@dataclass(frozen=True, slots=True)
class Run:
    """One training run."""

    folder: Path
    """Where artefacts are kept."""
    settings: ModelSettings
    clock: Clock
    until: datetime | None = None
    """Nothing at or after it is read; now where not given."""
    weigh: Weigh | None = None
    """Learns what events are worth; the defaults hold where not given."""
    zone: str = "UTC"
    """IANA name: by whose clocks it is morning or Friday in the shop."""
    bot_rate: int = RATE
    """See CleaningSettings; 0 lets bots in."""
    tune: Budget | None = None
    """Searches configurations first; where not given, what the last search decided holds."""


def train(source: Source, run: Run, step: Step) -> TrainingReport:
    """What was trained; the new artefact is the current one when it returns.

    Raises InputError where there is no event to learn from.
    """
    began = time.perf_counter()
    tuned = stored(run.folder)
    parts = _parts(run.settings)
    if run.tune:
        library()
    end = run.until or run.clock()
    step("Reading the log")
    rng = np.random.default_rng(run.settings.seed)
    columns, bots = scanned(source, end, run.bot_rate)
    dataset = replace(coded(source, columns, end), zone=run.zone)
    step("Weighing events")
    weights = run.weigh(columns, np.random.default_rng(run.settings.seed)) if run.weigh else []
    del columns
    dataset, steps = taken(dataset, weights, np.random.default_rng(run.settings.seed))
    blends = (DEFAULT, "ranked") if run.settings.ranked else (DEFAULT,)
    tuned = _searched(run, run.tune, dataset, tuned, step) if run.tune else tuned
    recipe = Recipe(
        parts=parts,
        history=run.settings.history,
        blends=blends,
        configurations=tuned.configurations if tuned else {},
    )
    trained = train_models(recipe, dataset, rng, step)
    step("Writing the artefact")
    manifest = _manifest(run, dataset, trained, steps, tuned)
    folder = write(run.folder, manifest, _packed(dataset), trained.models)
    return TrainingReport(
        version=manifest.version,
        folder=str(folder),
        until=manifest.until,
        events=len(dataset),
        shoppers=dataset.n_shoppers,
        products=dataset.n_products,
        bots=bots,
        seconds=time.perf_counter() - began,
        default=DEFAULT,
        weights=trained.models[DEFAULT].settings()["weights"],
        metrics=trained.metrics,
        measured_on=trained.shoppers,
        steps=steps,
        tuning=tuned,
    )


def _parts(settings: ModelSettings) -> tuple[str, ...]:
    """The parts of the blends; raises UnknownName or MissingExtra before anything is read."""
    for name in settings.also:
        if name not in MODELS:
            raise UnknownName("model", name, MODELS)
        if MODELS[name].extra == "deep":
            learning(f"The model {name!r}")
    return (*PARTS, *(name for name in dict.fromkeys(settings.also) if name not in PARTS))


def _searched(
    run: Run, budget: Budget, dataset: Dataset, earlier: Tuned | None, step: Step
) -> Tuned:
    start = earlier.configurations if earlier else {}
    setting = Setting(run.settings.seed, run.settings.history, start)
    tuned = tune(setting, budget, dataset, step)
    keep(run.folder, tuned)
    return tuned


def read(source: Source, until: datetime, bot_rate: int) -> Dataset:
    """The dataset of a store; raises InputError where it holds no act of anybody."""
    return coded(source, scanned(source, until, bot_rate)[0], until)


def scanned(source: Source, until: datetime, bot_rate: int) -> tuple[EventColumns, int]:
    """The log of a store before a moment, each person one shopper, and how many bots it is without.

    The log itself keeps them.
    """
    columns = joined(source.scan(until=until), source.people_changes(0).linked)
    found = machines(columns, bot_rate)
    return without(columns, found), int(found.sum())


def coded(source: Source, columns: EventColumns, until: datetime) -> Dataset:
    """The dataset of a log and the store's catalogue; raises InputError where nobody acted."""
    dataset = Dataset.from_columns(columns, source.products(), microseconds(until))
    if not len(dataset):
        raise InputError(
            f"There is no event before {until:%Y-%m-%d %H:%M} UTC that names a product. "
            "Send some, or `splitshelf import FILE`."
        )
    return dataset


def _manifest(
    run: Run, dataset: Dataset, trained: Trained, steps: Steps, tuned: Tuned | None
) -> Manifest:
    fingerprint = dataset.fingerprint()
    made = run.clock()
    return Manifest(
        version=version_of(run.folder, made, fingerprint),
        made=made,
        until=moment(dataset.until),
        seed=run.settings.seed,
        fingerprint=fingerprint,
        events=len(dataset),
        shoppers=dataset.n_shoppers,
        products=dataset.n_products,
        default=DEFAULT,
        models=dict[str, ModelEntry](),
        metrics=trained.metrics,
        files={},
        steps=msgspec.to_builtins(steps),
        tuning=msgspec.to_builtins(tuned) if tuned else {},
    )


def version_of(folder: Path, made: datetime, fingerprint: str) -> str:
    """When an artefact was made and of what; a number behind it where two share a second."""
    version = name = f"{made:%Y%m%dT%H%M%S}-{fingerprint[:8]}"
    number = 1
    while (folder / name / MANIFEST).exists():
        number += 1
        name = f"{version}-{number}"
    return name


def _packed(dataset: Dataset) -> Ids:
    names = dataset.product_ids
    return names if isinstance(names, Ids) else Ids.of(names)
