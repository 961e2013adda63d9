"""What the web asks of a wired shop; `app.Shop` has all of it."""

from collections.abc import Awaitable, Sequence
from typing import Protocol

from splitshelf.core.clock import Clock
from splitshelf.core.events import Event
from splitshelf.core.protocols import Store
from splitshelf.core.requests import ShelfRequest
from splitshelf.core.settings import Settings
from splitshelf.core.slates import Slate


class Shop(Protocol):
    """One installation, ready to answer."""

    @property
    def settings(self) -> Settings:
        """The whole of `splitshelf.toml`."""
        ...

    @property
    def store(self) -> Store:
        """Events, exposures, products and documents; any thread may call it."""
        ...

    @property
    def clock(self) -> Clock:
        """The time."""
        ...

    def recommend(self, request: ShelfRequest) -> Awaitable[Slate]:
        """The slate, once its exposure is durable; the event loop does the ranking itself.

        Ranking takes well under a millisecond. Calls that come together share a commit.
        """
        ...

    def record(self, events: Sequence[Event]) -> Awaitable[None]:
        """Return once the events are durable; calls that come together share a commit."""
        ...

    def ready(self) -> str | None:
        """Why the shop cannot answer yet in one sentence; None where it can."""
        ...
