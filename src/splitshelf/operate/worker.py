"""The worker: looks at the log now and then, and does what is due."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Event

import msgspec

from splitshelf.core.clock import Clock
from splitshelf.core.errors import SplitshelfError, Unavailable
from splitshelf.core.protocols import Store
from splitshelf.core.settings import Settings
from splitshelf.learn.artefacts.manifest import DamagedArtefact, Manifest, read_manifest
from splitshelf.learn.artefacts.reading import current_version
from splitshelf.operate.forgetting import tidy
from splitshelf.operate.refreshing import Refresher
from splitshelf.operate.schedule import REST, is_due, next_daily
from splitshelf.operate.state import Failure, WorkerState, keep_state, worker_state

log = logging.getLogger("splitshelf.operate")

LOOK = 60.0
"""Seconds between two looks at the log where nothing is refreshed."""


class Worker:
    """Does what is due, one piece of work after the other; the caller sees that it is alone."""

    def __init__(
        self,
        store: Store,
        models: Path,
        settings: Settings,
        clock: Clock,
        train: Callable[[Event], None],
    ) -> None:
        """`train` makes a new current model; it stops early when the event that it gets is set."""
        self._store = store
        self._models = models
        self._settings = settings
        self._clock = clock
        self._train = train
        self._refresher = Refresher(store, models, clock, settings)
        self.stop = Event()
        """Set by whoever wants it to end; work that is under way is left undone."""

    def run(self) -> None:
        """Look and work until stopped; at least half of the time is rest, however large the log."""
        while not self.stop.is_set():
            began = time.monotonic()
            with suppress(Unavailable):  # the store is away: the next look finds it again
                self.once()
            took = time.monotonic() - began
            self.stop.wait(max((self._settings.worker.refresh_seconds or LOOK) - took, took, 1.0))

    def once(self) -> None:
        """Do all that is due now; a failure is put down, and what was there before stays."""
        state, now = worker_state(self._store), self._clock()
        last, seen = self._last(state)
        events = self._store.count()
        planned = self._planned(last)
        wanted = self._settings.worker
        if is_due(wanted, now, last, planned, events, seen) and not self._resting(state, now):
            self._trained(msgspec.structs.replace(state, tried=now, seen=events))
            return
        if wanted.refresh_seconds:
            self._refreshed(state)
        if planned != state.next_training:
            now_state = worker_state(self._store)
            keep_state(self._store, msgspec.structs.replace(now_state, next_training=planned))

    def _trained(self, state: WorkerState) -> None:
        began = time.perf_counter()
        keep_state(self._store, state)
        try:
            self._train(self.stop)
        except (SplitshelfError, OSError) as error:
            self._failed("training", error, state)
            return
        if self.stop.is_set():
            return
        now = self._clock()
        log.info("trained anew in %.1f s", time.perf_counter() - began)
        done = msgspec.structs.replace(
            state,
            trained=now,
            train_seconds=time.perf_counter() - began,
            next_training=self._planned(now),
        )
        keep_state(self._store, done)

    def _refreshed(self, state: WorkerState) -> None:
        began = time.perf_counter()
        try:
            gained = self._refresher.refresh()
        except (SplitshelfError, OSError) as error:
            self._failed("refresh", error, state)
            return
        if gained is not None:
            done = msgspec.structs.replace(
                state,
                refreshed=self._clock(),
                refresh_seconds=time.perf_counter() - began,
                refresh_events=gained,
            )
            keep_state(self._store, done)
        tidy(self._store, self._models)

    def _failed(self, work: str, error: Exception, state: WorkerState) -> None:
        log.warning("%s failed: %s", work, error)
        failure = Failure(self._clock(), work, str(error))
        more = msgspec.structs.replace(state, failures=state.failures + 1, failure=failure)
        keep_state(self._store, more)

    def _last(self, state: WorkerState) -> tuple[datetime | None, int]:
        """When a training last began, by whoever, and how many events the log held then.

        None and 0 where there is no model.
        """
        manifest = self._manifest()
        if manifest is None:
            return None, 0
        until = manifest.trained or manifest.until
        if state.tried is not None and state.tried >= until:
            return state.tried, state.seen
        return until, manifest.trained_events if manifest.trained else manifest.events

    def _resting(self, state: WorkerState, now: datetime) -> bool:
        """Whether the last training failed so lately that another would fail as well."""
        failed = state.failure is not None and state.failure.work == "training"
        return failed and state.tried is not None and now - state.tried < REST

    def _planned(self, last: datetime | None) -> datetime | None:
        if last is None:
            return None
        zone = self._settings.shop.time_zone
        return next_daily(last, self._settings.worker.train_at, zone)

    def _manifest(self) -> Manifest | None:
        version = current_version(self._models)
        with suppress(DamagedArtefact):
            return read_manifest(self._models / version) if version else None
        return None
