"""Refreshing: the counts behind an artefact's models take in what the log brought."""

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import numpy as np

from splitshelf.core.arrays import Ints
from splitshelf.core.clock import Clock, microseconds
from splitshelf.core.events import EventType
from splitshelf.core.settings import Settings
from splitshelf.learn.artefacts.manifest import Manifest, read_manifest, training_of
from splitshelf.learn.artefacts.reading import current_version, products_of
from splitshelf.learn.artefacts.writing import Overtaken, renew
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.dataset.weights import EVENT_WEIGHTS, table_of
from splitshelf.learn.ids import Ids
from splitshelf.learn.keeping.histories import (
    acts_of,
    exchanged,
    followed,
    gathered,
    histories_of,
    told_alike,
)
from splitshelf.learn.keeping.kept import counted_anew, kept_kinds
from splitshelf.operate.following import Followed, Follower, Step


@dataclass(slots=True)
class Base:
    """What is counted, for the models of one training."""

    training: str
    """The version of the training whose models they are."""
    products: Ids
    follower: Follower
    histories: Dataset
    """Everybody's, up to where the follower is."""


class Refresher:
    """Follows one log, and writes an artefact with refreshed counts when there is reason to."""

    def __init__(self, store: Followed, models: Path, clock: Clock, settings: Settings) -> None:
        """`models` is the folder of the artefacts."""
        self._store = store
        self._models = models
        self._clock = clock
        self._settings = settings
        self._base: Base | None = None
        self._pending = False
        """Whether the counts changed since they were written."""

    def refresh(self) -> int | None:
        """How many acts the counts gained or lost; None where nothing was to be written.

        Only the tail of the log is read, unless something else than a forgotten shopper was taken
        out of it, or a training ended since.
        """
        version = current_version(self._models)
        if version is None:
            return None
        manifest, now = read_manifest(self._models / version), self._clock()
        kinds = kept_kinds(manifest)
        if not kinds:
            return None
        histories = self._followed(manifest).histories
        if not self._pending:
            return None
        acts = len(histories)
        fresh = counted_anew(kinds, histories, microseconds(now))
        renewed = msgspec.structs.replace(
            manifest,
            version=_next(version),
            until=now,
            trained=manifest.trained or manifest.until,
            trained_events=manifest.trained_events if manifest.trained else manifest.events,
            counted=manifest.counted | dict.fromkeys(sorted(fresh), now),
            events=acts,
            shoppers=int((np.diff(histories.offsets) > 0).sum()),
        )
        with suppress(Overtaken):  # trained anew meanwhile: the next refresh begins from there
            renew(self._models, manifest, renewed, fresh)
            self._pending = False
        return acts - manifest.events

    def _followed(self, manifest: Manifest) -> Base:
        """The counts at the end of the log; `_pending` where they are no longer the artefact's."""
        if self._base is not None and self._base.training == training_of(manifest.version):
            step = self._base.follower.step()
            if step is not None:
                if step:
                    _take(self._base, step)
                    self._pending = True
                return self._base
            self._pending = True  # what is counted anew is not what was
        self._base = None  # let go before the next one grows
        self._base = self._begun(manifest)
        self._pending = self._pending or len(self._base.histories) != manifest.events
        return self._base

    def _begun(self, manifest: Manifest) -> Base:
        follower = Follower(self._store, self._settings.cleaning.bot_rate)
        columns = follower.begin()
        products = products_of(self._models / manifest.version)
        until = microseconds(manifest.trained or manifest.until)
        histories = histories_of(columns, products, until)
        weights = manifest.steps.get("weights") or EVENT_WEIGHTS
        histories = replace(
            histories,
            weights=table_of({EventType(kind): weight for kind, weight in weights.items()}),
            half_life=manifest.steps.get("half_life") or np.inf,
            zone=self._settings.shop.time_zone,
        )
        return Base(training_of(manifest.version), products, follower, histories)


def _take(base: Base, step: Step) -> None:
    """Exchange the histories of all whom a step concerns."""
    histories = base.histories
    acts = acts_of(step.columns, base.products)
    first = int(histories.sessions.max(initial=-1)) + 1
    acts = replace(acts, sessions=np.where(acts.sessions < 0, -1, acts.sessions + first))
    acts, told = told_alike(acts, step.columns.contexts, histories.context_names)
    owners = step.owners[step.columns.shopper[acts.rows]]
    moves = [*step.moves.keys(), *step.moves.values()]
    concerned = np.concatenate((owners[owners >= 0], step.gone, moves)).astype(np.int32)
    touched = np.unique(concerned)
    known = touched[touched < histories.n_shoppers]
    before = replace(gathered(histories, known), context_names=told)
    theirs = np.repeat(_owners_now(known, step), np.diff(before.offsets))
    places = _places(touched, np.concatenate((theirs, owners)))
    after = followed(before, acts, places, len(touched))
    base.histories = exchanged(histories, touched, after, len(base.follower))


def _owners_now(codes: Ints, step: Step) -> Ints:
    """Whose the acts of some persons are after a step, -1 for nobody's."""
    left = codes[~np.isin(codes, step.gone)].tolist()
    owners = np.full(len(codes), -1, dtype=np.int32)
    owners[~np.isin(codes, step.gone)] = [step.moves.get(code, code) for code in left]
    return owners


def _places(touched: Ints, owners: Ints) -> Ints:
    """The place of each owner among those touched, -1 for nobody."""
    return np.where(owners >= 0, np.searchsorted(touched, owners), -1).astype(np.int32)


def _next(version: str) -> str:
    """The version after this one of the same training."""
    _, _, number = version.partition(".")
    return f"{training_of(version)}.{int(number or 0) + 1:06}"
