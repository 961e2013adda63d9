"""Live shoppers: they arrive at random, ask the real shop for shelves, and react in real time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event as Flag

import numpy as np

from splitshelf.core.clock import Clock
from splitshelf.simulate.engine import Engine, Record
from splitshelf.simulate.schedule import Crowd, Planned
from splitshelf.simulate.visits import Ask

_TICK = 0.2  # seconds between two looks at the clock
_RETURNING = 0.35


@dataclass(slots=True)
class Tally:
    """What the traffic did so far."""

    visits: int = 0
    events: int = 0


class Traffic:
    """Arrivals at `rate` visits a second; a third are of the `known` shoppers, the rest are new."""

    def __init__(
        self, crowd: Crowd, ask: Ask, record: Record, *, known: int, rate: float, seed: int
    ) -> None:
        self.tally = Tally()
        self._crowd, self._ask, self._rate = crowd, ask, rate
        self._known = self._newest = known
        self._rng = np.random.default_rng(seed)
        self._engine = Engine(record)
        self._next: datetime | None = None

    def step(self, now: datetime, limit: int | None = None) -> None:
        """Let everybody who is due by `now` arrive and go on; at most `limit` visits in all."""
        self._next = self._next or now
        while self._next <= now and (limit is None or self.tally.visits < limit):
            self._engine.begin(self._crowd.visit(self._arrival(self._next), self._ask))
            self._next += timedelta(seconds=float(self._rng.exponential(1 / self._rate)))
        self.tally.events += self._engine.step(now)

    def run(self, clock: Clock, stop: Flag, visits: int | None = None) -> None:
        """Keep pace with the clock until `stop` is set, or so many visits have ended."""
        while not stop.is_set():
            self.step(clock(), visits)
            if visits is not None and self.tally.visits >= visits and not len(self._engine):
                return
            stop.wait(_TICK)

    def _arrival(self, at: datetime) -> Planned:
        number = self.tally.visits
        self.tally.visits += 1
        if self._known and self._rng.random() < _RETURNING:
            return Planned(int(self._rng.integers(self._known)), at, number)
        self._newest += 1
        return Planned(self._newest, at, number)
