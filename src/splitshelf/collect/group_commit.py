"""Many small writes, one durable commit: what lets a web server store each click at once."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import SimpleQueue
from typing import TypeAlias, TypeVar

from splitshelf.core.errors import Unavailable
from splitshelf.core.events import Event
from splitshelf.core.protocols import Store
from splitshelf.core.slates import Exposure

T = TypeVar("T")
_Wish: TypeAlias = tuple[Sequence[Event], Sequence[Exposure], Future[None]]
_LIMIT = 2000
"""Wishes joined in one commit, so that none waits long for the others' bytes."""


class GroupCommit:
    """One thread that writes; whatever arrives while a commit runs shares the next one.

    A caller resumes when its events are durable, or with the error of the commit they were in.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._wishes: SimpleQueue[_Wish | None] = SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="group-commit", daemon=True)
        self._thread.start()

    async def append(self, events: Sequence[Event]) -> None:
        """Return once the events are durable."""
        await asyncio.wrap_future(self.submit(events))

    async def append_exposures(self, exposures: Sequence[Exposure]) -> None:
        """Return once the exposures are durable."""
        await asyncio.wrap_future(self.submit((), exposures))

    def submit(self, events: Sequence[Event], exposures: Sequence[Exposure] = ()) -> Future[None]:
        """A future that is done once all of it is durable; for callers without an event loop."""
        future: Future[None] = Future()
        if self._closed:
            future.set_exception(Unavailable("The store is closing; send the events again later."))
        else:
            self._wishes.put((events, exposures, future))
        return future

    def close(self) -> None:
        """Commit what waits, then stop."""
        self._closed = True
        self._wishes.put(None)
        self._thread.join()

    def _run(self) -> None:
        going = True
        while going:
            wishes = [self._wishes.get()]
            while len(wishes) < _LIMIT and not self._wishes.empty():
                wishes.append(self._wishes.get())
            going = None not in wishes
            self._commit([wish for wish in wishes if wish is not None])

    def _commit(self, wishes: Sequence[_Wish]) -> None:
        events = [event for wish in wishes for event in wish[0]]
        exposures = [exposure for wish in wishes for exposure in wish[1]]
        failed = _failure(self._store.append, events)
        failed_exposures = _failure(self._store.append_exposures, exposures)
        for asked, shown, future in wishes:
            error = (failed if asked else None) or (failed_exposures if shown else None)
            if not future.set_running_or_notify_cancel():
                continue
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(error)


def _failure(write: Callable[[Sequence[T]], object], rows: Sequence[T]) -> Exception | None:
    """The error of a write, which belongs to the callers who wait and not to the thread."""
    try:
        if rows:
            write(rows)
    except Exception as error:  # noqa: BLE001 (handed on to every caller of the commit)
        return error
    return None
