"""A store that never keeps a shelf waiting: what does not answer in time counts as silent.

A database driver cannot be interrupted: a stopped server or a locked file would hold up the event
loop, and with it every shopper. So the small reads of a request are made by a sentry thread that
the caller leaves behind after some milliseconds. The read that was left behind is the probe: until
it returns nobody asks again, and shelves are popular at once; then all is as before.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

from splitshelf.core.errors import Unavailable
from splitshelf.core.events import Event
from splitshelf.core.protocols import Store
from splitshelf.core.slates import Exposure
from splitshelf.core.sticky import Assignment
from splitshelf.core.traces import Traces

T = TypeVar("T")
_SILENT = "The store does not answer; try again later."


class Sentry:
    """A thread that makes reads for others; a read that hangs hangs here."""

    def __init__(self, patience: float) -> None:
        """`patience` is how many seconds a caller waits for a read."""
        self.patience = patience
        self._wishes: SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = SimpleQueue()
        self._late: Future[Any] | None = None
        threading.Thread(target=self._run, name="sentry", daemon=True).start()

    @property
    def silent(self) -> bool:
        """Whether a read that was left behind still hangs."""
        late = self._late
        return late is not None and not late.done()

    def ask(self, read: Callable[[], T], patience: float | None = None) -> T:
        """What the read gives; raises Unavailable where it is not done in time."""
        if self.silent:
            raise Unavailable(_SILENT)
        future: Future[T] = Future()
        self._wishes.put((read, future))
        try:
            return future.result(self.patience if patience is None else patience)
        except TimeoutError as error:
            if not future.cancel():
                self._late = future
            raise Unavailable(_SILENT) from error

    def close(self) -> None:
        """Let the thread end once it is free; a read that hangs does not hold up anybody."""
        self._wishes.put(None)

    def _run(self) -> None:
        while (wish := self._wishes.get()) is not None:
            read, future = wish
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(read())
            except Exception as error:  # noqa: BLE001 (handed on to the caller)
                future.set_exception(error)


class PromptStore:
    """A store whose small reads come in time or raise Unavailable; the rest is as it is."""

    def __init__(self, store: Store, sentry: Sentry) -> None:
        self._store = store
        self._sentry = sentry

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (whatever the store has)
        """Everything else, straight from the store."""
        return getattr(self._store, name)

    def together(self, read: Callable[[Store], T]) -> T:
        """What several reads give that are made one after the other, all in time or none."""
        return self._sentry.ask(lambda: read(self._store))

    def history(self, shopper: str, limit: int) -> Sequence[Event]:
        """The shopper's newest acts, oldest first."""
        return self._sentry.ask(lambda: self._store.history(shopper, limit))

    def traces(self, shopper: str, limit: int) -> Traces:
        """The same acts in fixed width."""
        return self._sentry.ask(lambda: self._store.traces(shopper, limit))

    def traces_of(self, shoppers: Sequence[str], limit: int) -> Sequence[Traces]:
        """The traces of each of some shoppers."""
        return self._sentry.ask(lambda: self._store.traces_of(shoppers, limit))

    def catalogue_version(self) -> int:
        """A number that grows with every change of the catalogue."""
        return self._sentry.ask(self._store.catalogue_version)

    def documents(self, kind: str) -> Mapping[str, bytes]:
        """All documents of a kind, by name."""
        return self._sentry.ask(lambda: self._store.documents(kind))

    def exposure(self, exposure_id: str) -> Exposure | None:
        """One exposure, or None."""
        return self._sentry.ask(lambda: self._store.exposure(exposure_id))

    def assignments(self, units: Sequence[str]) -> Sequence[Assignment]:
        """The choices of variant that are kept of these units."""
        return self._sentry.ask(lambda: self._store.assignments(units))


def together(store: Store, read: Callable[[Store], T]) -> T:
    """What several reads of a store give, in time where it is a prompt one, or Unavailable."""
    return store.together(read) if isinstance(store, PromptStore) else read(store)
