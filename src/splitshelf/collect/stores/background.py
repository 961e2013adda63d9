"""A thread that does a piece of work beside the requests."""

import threading
from collections.abc import Callable
from contextlib import suppress

from splitshelf.core.errors import Unavailable


class Background:
    """Runs a piece of work in the background, as often as somebody asks, one at a time."""

    def __init__(self, work: Callable[[], None], name: str) -> None:
        """`name` is the thread's."""
        self._work = work
        self._name = name
        self._asked = threading.Event()
        self._closing = False
        self._thread: threading.Thread | None = None

    def ask(self) -> None:
        """Have the work done soon."""
        self._asked.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Wait for the work that is being done, and do no more."""
        self._closing = True
        self._asked.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while self._asked.wait() and not self._closing:
            self._asked.clear()
            with suppress(OSError, Unavailable):  # a full disk: tried again with the next events
                self._work()
