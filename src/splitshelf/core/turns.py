"""What came in together is worked through together: the calls of one turn of an event loop."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeAlias, TypeVar

Wish = TypeVar("Wish")
Answer = TypeVar("Answer")

Call: TypeAlias = tuple[Wish, asyncio.Future[Answer]]
"""What is asked, and the future that its answer is put into."""


class Turns(Generic[Wish, Answer]):
    """Gathers the calls of each turn of a loop.

    A loop first receives whatever has come in, and then works through it. So under load a turn
    holds up to as many calls as there are connections, and a call that comes alone does not wait:
    nobody is waited for. What is looked up at the end of a turn is newer than all of its calls.
    """

    def __init__(self, work: Callable[[Sequence[Call[Wish, Answer]]], None]) -> None:
        """`work` sees to it that every future gets its answer; it must not raise."""
        self._work = work
        self._open: dict[asyncio.AbstractEventLoop, list[Call[Wish, Answer]]] = {}

    def ask(self, wish: Wish) -> asyncio.Future[Answer]:
        """The answer to come, of the loop that runs."""
        loop = asyncio.get_running_loop()
        calls = self._open.get(loop)
        if calls is None:
            calls = self._open[loop] = []
            loop.call_soon(self._end, loop)
        future: asyncio.Future[Answer] = loop.create_future()
        calls.append((wish, future))
        return future

    def _end(self, loop: asyncio.AbstractEventLoop) -> None:
        self._work(self._open.pop(loop))
