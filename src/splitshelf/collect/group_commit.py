"""Many small writes, one durable commit: what lets a web server store each click at once."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TypeAlias, TypeVar

from splitshelf.core.errors import Unavailable
from splitshelf.core.events import Event
from splitshelf.core.protocols import Store
from splitshelf.core.slates import Exposure

_PATIENCE = 0.001
"""Seconds at most that a commit waits for company: a quarter of a commit where that is less."""

T = TypeVar("T")
_LIMIT = 2000
"""Wishes joined in one commit, so that none waits long for the others' bytes."""

_Outcome: TypeAlias = tuple["Future[None] | asyncio.Future[None]", Exception | None]


@dataclass(frozen=True, slots=True)
class _Wish:
    events: Sequence[Event]
    exposures: Sequence[Exposure]
    future: "Future[None] | asyncio.Future[None]"
    loop: asyncio.AbstractEventLoop | None
    """The loop that the future belongs to; None for a future of threads."""


class GroupCommit:
    """One thread that writes; whatever arrives while a commit runs shares the next one.

    A caller resumes when its events are durable, or with the error of the commit they were in.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._wishes: SimpleQueue[_Wish | None] = SimpleQueue()
        self._closed = False
        self._usual = 1
        """Wishes in the last commit: about as many will come again."""
        self._patience = 0.0
        """Seconds to wait for them."""
        self._thread = threading.Thread(target=self._run, name="group-commit", daemon=True)
        self._thread.start()

    async def append(self, events: Sequence[Event]) -> None:
        """Return once the events are durable."""
        await self._wish(events, ())

    async def append_exposures(self, exposures: Sequence[Exposure]) -> None:
        """Return once the exposures are durable."""
        await self._wish((), exposures)

    def submit(self, events: Sequence[Event], exposures: Sequence[Exposure] = ()) -> Future[None]:
        """A future that is done once all of it is durable; for callers without an event loop."""
        future: Future[None] = Future()
        self._put(_Wish(events, exposures, future, None))
        return future

    def close(self) -> None:
        """Commit what waits, then stop."""
        self._closed = True
        self._wishes.put(None)
        self._thread.join()

    def _wish(
        self, events: Sequence[Event], exposures: Sequence[Exposure]
    ) -> "asyncio.Future[None]":
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._put(_Wish(events, exposures, future, loop))
        return future

    def _put(self, wish: _Wish) -> None:
        if self._closed:
            raise Unavailable("The store is closing; send it again later.")
        self._wishes.put(wish)

    def _run(self) -> None:
        going = True
        while going:
            wishes = self._gathered()
            going = None not in wishes
            started = time.perf_counter()
            self._commit([wish for wish in wishes if wish is not None])
            took = time.perf_counter() - started
            self._usual, self._patience = len(wishes), min(took / 4, _PATIENCE)

    def _gathered(self) -> list[_Wish | None]:
        """What waits now, and what those who were just answered are about to ask again.

        Without patience the first of them would get a commit of its own and the others the next.
        """
        wishes = [self._wishes.get()]
        deadline = time.perf_counter() + self._patience
        with suppress(Empty):
            while len(wishes) < _LIMIT:
                left = deadline - time.perf_counter() if len(wishes) < self._usual else 0
                wishes.append(self._wishes.get(timeout=max(left, 0)))
        return wishes

    def _commit(self, wishes: Sequence[_Wish]) -> None:
        events = [event for wish in wishes for event in wish.events]
        exposures = [exposure for wish in wishes for exposure in wish.exposures]
        failed = _failure(self._store.append, events)
        failed_exposures = _failure(self._store.append_exposures, exposures)
        waiting: dict[asyncio.AbstractEventLoop | None, list[_Outcome]] = {}
        for wish in wishes:
            error = failed if wish.events else None
            error = error or (failed_exposures if wish.exposures else None)
            waiting.setdefault(wish.loop, []).append((wish.future, error))
        for loop, outcomes in waiting.items():
            _tell(loop, outcomes)


def _tell(loop: asyncio.AbstractEventLoop | None, outcomes: Sequence[_Outcome]) -> None:
    """Wake those who wait: all of one loop by a single call, which costs a wake-up each time."""
    if loop is None:
        _resolve(outcomes)
    else:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_resolve, outcomes)


def _resolve(outcomes: Iterable[_Outcome]) -> None:
    for future, error in outcomes:
        with suppress(asyncio.InvalidStateError, InvalidStateError):  # cancelled meanwhile
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
