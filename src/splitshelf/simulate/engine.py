"""Runs many visits at once, in the order of their own time, storing what they do before they go on.

The same engine tells the past in a hurry and keeps pace with the clock: `step` takes the time up to
which visits may go on. Those that are due share one write, as shoppers of a busy shop share a
commit.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import TypeAlias

from splitshelf.core.events import Event
from splitshelf.simulate.visits import Visit

Record: TypeAlias = Callable[[Sequence[Event]], object]
"""Returns once the events are stored."""

_LATER = timedelta(hours=1)


class Engine:
    """Visits under way; each waits with the batch that it wants stored next."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._waiting: list[tuple[datetime, int, list[Event], Iterator[list[Event]]]] = []
        self._order = count()

    def __len__(self) -> int:
        """How many visits are under way."""
        return len(self._waiting)

    def begin(self, visit: Visit) -> None:
        """Let a visit start at its time of arrival."""
        self._wait(visit.arrival.at, [], visit.run())

    def step(self, until: datetime, limit: int = 64) -> int:
        """How many events were stored: of at most `limit` visits due before `until`."""
        due = []
        while self._waiting and len(due) < limit and self._waiting[0][0] <= until:
            due.append(heapq.heappop(self._waiting))
        events = [event for _, _, batch, _ in due for event in batch]
        if events:
            self._record(events)
        for moment, _, _, visit in due:
            self._go_on(moment, visit)
        return len(events)

    def run(self, visits: Iterable[Visit], until: datetime, width: int = 256) -> int:
        """How many events were stored when all the visits, oldest first, have gone up to `until`.

        `width` visits are under way at once, whatever their times: shoppers do not see each other,
        and a commit for each moment of each would take long. What is due later stays under way.
        """
        stored = 0
        for visit in visits:
            self.begin(visit)
            while len(self) >= width and self._waiting[0][0] <= until:
                stored += self.step(until, width)
        while self._waiting and self._waiting[0][0] <= until:
            stored += self.step(until, width)
        return stored

    def _go_on(self, moment: datetime, visit: Iterator[list[Event]]) -> None:
        batch = next(visit, None)
        if batch is None:
            return
        now = [event for event in batch if event.at < moment + _LATER]
        self._wait(now[-1].at if now else moment, now, visit)
        for event in batch[len(now) :]:
            self._wait(event.at, [event], iter(()))

    def _wait(self, moment: datetime, batch: list[Event], visit: Iterator[list[Event]]) -> None:
        heapq.heappush(self._waiting, (moment, next(self._order), batch, visit))
