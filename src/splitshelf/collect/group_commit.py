"""Many small writes, one durable commit: what lets a web server store each click at once."""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from itertools import chain
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

_Due: TypeAlias = tuple[float, "asyncio.Future[None]"]
_Waiting: TypeAlias = list["Future[None] | asyncio.Future[None]"]
_Outcome: TypeAlias = tuple[_Waiting, Exception | None]


class _Wishes:
    """What one turn of a loop, or one thread, wants stored, and who waits for it."""

    __slots__ = ("events", "exposures", "loop", "waiting_for_events", "waiting_for_exposures")

    def __init__(self, loop: asyncio.AbstractEventLoop | None) -> None:
        self.loop = loop
        """The loop that the futures belong to; None for futures of threads."""
        self.events: list[Event] = []
        self.exposures: list[Exposure] = []
        self.waiting_for_events: _Waiting = []
        self.waiting_for_exposures: _Waiting = []

    def __len__(self) -> int:
        return len(self.waiting_for_events) + len(self.waiting_for_exposures)


class Deadlines:
    """Ends the waiting for futures of one loop that are not done in time.

    One timer serves all of them: `asyncio.wait_for` would cost each call a timer and a task.
    """

    def __init__(self, patience: float) -> None:
        """`patience` is in seconds, the same for all."""
        self._patience = patience
        self._waiting: dict[asyncio.AbstractEventLoop, deque[_Due]] = {}

    def add(self, future: "asyncio.Future[None]") -> "asyncio.Future[None]":
        """The future, which fails with TimeoutError where it is not done in time."""
        loop = future.get_loop()
        waiting = self._waiting.get(loop)
        if waiting is None:
            waiting = self._waiting[loop] = deque()
            loop.call_later(self._patience, self._sweep, loop)
        waiting.append((loop.time() + self._patience, future))
        return future

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        now, waiting = loop.time(), self._waiting[loop]
        while waiting and (waiting[0][0] <= now or waiting[0][1].done()):
            _, future = waiting.popleft()
            if not future.done():
                future.set_exception(TimeoutError())
        if waiting:
            loop.call_later(max(0.0, waiting[0][0] - now), self._sweep, loop)
        else:
            del self._waiting[loop]


class GroupCommit:
    """One thread that writes; whatever arrives while a commit runs shares the next one.

    A caller resumes when its events are durable, or with the error of the commit they were in.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._wishes: SimpleQueue[_Wishes | None] = SimpleQueue()
        self._gathering: dict[asyncio.AbstractEventLoop, _Wishes] = {}
        """Wishes of one turn of a loop, which wake the writer once for all of them."""
        self._closed = False
        self._usual = 1
        """Wishes in the last commit: about as many will come again."""
        self._patience = 0.0
        """Seconds to wait for them."""
        self._thread = threading.Thread(target=self._run, name="group-commit", daemon=True)
        self._thread.start()

    def append(self, events: Sequence[Event]) -> "asyncio.Future[None]":
        """A future of the running loop that is done once the events are durable."""
        loop = asyncio.get_running_loop()
        wishes, future = self._turn(loop), loop.create_future()
        wishes.events += events
        wishes.waiting_for_events.append(future)
        return future

    def append_exposures(self, exposures: Sequence[Exposure]) -> "asyncio.Future[None]":
        """A future of the running loop that is done once the exposures are durable."""
        loop = asyncio.get_running_loop()
        wishes, future = self._turn(loop), loop.create_future()
        wishes.exposures += exposures
        wishes.waiting_for_exposures.append(future)
        return future

    def submit(self, events: Sequence[Event], exposures: Sequence[Exposure] = ()) -> Future[None]:
        """A future that is done once all of it is durable; for callers without an event loop."""
        future: Future[None] = Future()
        self._refuse_when_closed()
        wishes = _Wishes(None)
        wishes.events += events
        wishes.exposures += exposures
        if events or not exposures:
            wishes.waiting_for_events.append(future)
        if exposures:
            wishes.waiting_for_exposures.append(future)
        self._wishes.put(wishes)
        return future

    def close(self) -> None:
        """Commit what waits, then stop."""
        self._closed = True
        for loop in list(self._gathering):
            self._hand_over(loop)
        self._wishes.put(None)
        self._thread.join()

    def _turn(self, loop: asyncio.AbstractEventLoop) -> _Wishes:
        """What is wanted in this turn of a loop."""
        wishes = self._gathering.get(loop)
        if wishes is None:
            self._refuse_when_closed()
            wishes = self._gathering[loop] = _Wishes(loop)
            loop.call_soon(self._hand_over, loop)
        return wishes

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        if (wishes := self._gathering.pop(loop, None)) is not None:
            self._wishes.put(wishes)

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise Unavailable("The store is closing; send it again later.")

    def _run(self) -> None:
        going = True
        while going:
            wishes, going = self._gathered()
            started = time.perf_counter()
            self._commit(wishes)
            took = time.perf_counter() - started
            self._usual, self._patience = sum(map(len, wishes)), min(took / 4, _PATIENCE)

    def _gathered(self) -> tuple[list[_Wishes], bool]:
        """What waits now and what those who were just answered are about to ask again.

        Without patience the first of them would get a commit of its own and the others the next.
        And whether more may come: not after `close`.
        """
        gathered: list[_Wishes] = []
        count, wishes = 0, self._wishes.get()
        deadline = time.perf_counter() + self._patience
        with suppress(Empty):
            while wishes is not None:
                gathered.append(wishes)
                count += len(wishes)
                if count >= _LIMIT:
                    return gathered, True
                left = deadline - time.perf_counter() if count < self._usual else 0
                wishes = self._wishes.get(timeout=left) if left > 0 else self._wishes.get_nowait()
            return gathered, False
        return gathered, True

    def _commit(self, gathered: Sequence[_Wishes]) -> None:
        events = list(chain.from_iterable([wishes.events for wishes in gathered]))
        exposures = list(chain.from_iterable([wishes.exposures for wishes in gathered]))
        failed = _failure(self._store.append, events)
        failed_exposures = _failure(self._store.append_exposures, exposures)
        for wishes in gathered:
            outcomes = [
                (wishes.waiting_for_events, failed),
                (wishes.waiting_for_exposures, failed_exposures),
            ]
            _tell(wishes.loop, outcomes if failed else outcomes[::-1])


def _tell(loop: asyncio.AbstractEventLoop | None, outcomes: Sequence[_Outcome]) -> None:
    """Wake those who wait: all of one turn by a single call, which costs a wake-up each time."""
    if loop is None:
        _resolve(outcomes)
    else:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_resolve, outcomes)


def _resolve(outcomes: Iterable[_Outcome]) -> None:
    """Tell each future; who waits for two outcomes hears of the error, which comes first."""
    for futures, error in outcomes:
        for future in futures:
            if future.done():  # cancelled, too late, or told already
                continue
            try:
                if error is None:
                    future.set_result(None)
                else:
                    future.set_exception(error)
            except InvalidStateError:  # cancelled this moment by another thread
                continue


def _failure(write: Callable[[Sequence[T]], object], rows: Sequence[T]) -> Exception | None:
    """The error of a write, which belongs to the callers who wait and not to the thread."""
    try:
        if rows:
            write(rows)
    except Exception as error:  # noqa: BLE001 (handed on to every caller of the commit)
        return error
    return None
