"""The call that a shop makes most, answered without a task: asked, and told by a callback."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Generic, TypeAlias, TypeVar

from splitshelf.web.failures import failure
from splitshelf.web.messages import Answer, Call
from splitshelf.web.metrics import Metrics

Found = TypeVar("Found")
Told: TypeAlias = Callable[[Answer], None]


@dataclass(frozen=True, slots=True)
class Swift(Generic[Found]):
    """One path, asked by GET under an id that is new."""

    path: str
    ask: Callable[[Call], asyncio.Future[Found | None]]
    """What is to come; None comes where the usual handler has to see to the call."""
    told: Callable[[Found], Answer]
    usual: Callable[[Call], Awaitable[Answer]]
    metrics: Metrics

    def take(self, call: Call, tell: Told) -> None:
        """See to it that `tell` hears the answer, now or later."""
        exchange = _Exchange(self, call, tell, perf_counter())
        try:
            future = self.ask(call)
        except Exception as error:  # noqa: BLE001 (turned into an answer)
            exchange.end(failure(call.id, error))
        else:
            future.add_done_callback(exchange.done)


@dataclass(frozen=True, slots=True)
class _Exchange(Generic[Found]):
    swift: Swift[Found]
    call: Call
    tell: Told
    started: float

    def done(self, future: asyncio.Future[Found | None]) -> None:
        """Tell what was found."""
        error = future.exception()
        if error is None and (found := future.result()) is not None:
            self.end(self.swift.told(found))
        elif isinstance(error, Exception):
            self.end(failure(self.call.id, error))
        else:
            task = asyncio.ensure_future(self.swift.usual(self.call))
            _tasks.add(task)
            task.add_done_callback(_tasks.discard)
            task.add_done_callback(partial(_end, self))

    def end(self, answer: Answer) -> None:
        """Count the answer and tell it."""
        self.tell(answer)
        took = perf_counter() - self.started
        self.swift.metrics.observe(self.swift.path, answer.status, took)


_tasks: set[asyncio.Future[Answer]] = set()
"""Those under way: a loop holds them but weakly."""


def _end(exchange: _Exchange[Found], task: asyncio.Future[Answer]) -> None:
    error = task.exception()
    if isinstance(error, Exception):
        exchange.end(failure(exchange.call.id, error))
    else:
        exchange.end(task.result())
