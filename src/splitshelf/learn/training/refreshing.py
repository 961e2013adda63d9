"""Refreshing: what counts is counted anew from the log, what was learned stays as it was.

Counts cost a pass over the log, so they can follow it every minute, and a shopper who was forgotten
leaves them at once. The weights of the blend, and models that are no counts, wait for training.
"""

import time
from dataclasses import replace
from datetime import datetime

import msgspec
import numpy as np

from splitshelf.core.clock import microseconds, moment
from splitshelf.core.columns import EventColumns
from splitshelf.core.events import EventType
from splitshelf.core.protocols import Model
from splitshelf.learn.artefacts.bundle import Artefact
from splitshelf.learn.artefacts.manifest import Manifest
from splitshelf.learn.artefacts.reading import load
from splitshelf.learn.artefacts.writing import write
from splitshelf.learn.blends import BLENDS
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.dataset.weights import table_of
from splitshelf.learn.models import COUNTED, MODELS
from splitshelf.learn.training.recipe import Step
from splitshelf.learn.training.steps import Steps
from splitshelf.learn.training.training import Run, Source, scanned, version_of

INDEXES = ("context", "sessions", "stan", "long_covisits")
"""Kinds that are made of the log in one pass, though nothing can be subtracted from them."""
NOBODY = ("content",)
"""Kinds that read products alone: no shopper is in them."""


class Refreshment(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted anew."""

    version: str
    folder: str
    until: datetime
    events: int
    counted: tuple[str, ...]
    """The models that now know the log, and only the log, until that moment."""
    waiting: tuple[str, ...]
    """Models that know the log of the last training, and whoever was in it."""
    seconds: float


def refresh(source: Source, run: Run, step: Step) -> Refreshment:
    """What was counted anew; the refreshed artefact is the current one when it returns.

    Products stay those of the training; newer ones wait for the next. Raises Unavailable where
    nothing was trained yet, and Overtaken where a training ended meanwhile: its model stays.
    """
    began = time.perf_counter()
    old = load(run.folder)
    step("Reading the log")
    end = run.until or run.clock()
    columns, _ = scanned(source, end, run.bot_rate)
    dataset = replace(_coded(old, columns, microseconds(end)), zone=run.zone)
    counted = [name for name in old.models if name in COUNTED or name in INDEXES]
    models = _counted(old, counted, dataset, step)
    step("Writing the artefact")
    manifest = _manifest(old.manifest, run, dataset, counted)
    folder = write(run.folder, manifest, old.products, models, instead_of=old.version)
    return Refreshment(
        version=manifest.version,
        folder=str(folder),
        until=manifest.until,
        events=len(dataset),
        counted=manifest.counted,
        waiting=waiting(manifest),
        seconds=time.perf_counter() - began,
    )


def waiting(manifest: Manifest) -> tuple[str, ...]:
    """The models of an artefact that only a training brings up to date, blends aside."""
    known = {*manifest.counted, *NOBODY, *BLENDS}
    return tuple(name for name in manifest.models if manifest.counted and name not in known)


def _coded(old: Artefact, columns: EventColumns, end: int) -> Dataset:
    """The log in the products of an artefact, with the steps of its training."""
    codes = np.fromiter(map(old.products.find, columns.products), np.int32, len(columns.products))
    known = np.append(codes, np.int32(-1))[columns.product]
    dataset = Dataset.from_columns(
        replace(columns, product=known, products=old.products), until=end
    )
    if not old.manifest.steps:
        return dataset
    steps = msgspec.convert(old.manifest.steps, Steps)
    weights = table_of({EventType(kind): weight for kind, weight in steps.weights.items()})
    return replace(dataset, weights=weights, half_life=steps.half_life or np.inf)


def _counted(old: Artefact, names: list[str], dataset: Dataset, step: Step) -> dict[str, Model]:
    """All models of an artefact, those of these names made anew by their own settings."""
    rng = np.random.default_rng(old.manifest.seed)
    parts = {name: model for name, model in old.models.items() if name not in BLENDS}
    for name in names:
        step(f"Counting {name}")
        kind = MODELS[name]
        known = kind.config.__struct_fields__
        settings = {k: value for k, value in parts[name].settings().items() if k in known}
        parts[name] = kind.fit(msgspec.convert(settings, kind.config), dataset, rng)
    blends = {name: model for name, model in old.models.items() if name in BLENDS}
    return parts | {name: BLENDS[name].rebase(blend, parts) for name, blend in blends.items()}


def _manifest(old: Manifest, run: Run, dataset: Dataset, counted: list[str]) -> Manifest:
    fingerprint = dataset.fingerprint()
    made = run.clock()
    return msgspec.structs.replace(
        old,
        version=version_of(run.folder, made, fingerprint),
        made=made,
        until=moment(dataset.until),
        fingerprint=fingerprint,
        events=len(dataset),
        shoppers=dataset.n_shoppers,
        counted=tuple(sorted(counted)),
        trained=old.trained or old.until,
        trained_events=old.trained_events if old.trained else old.events,
    )
