"""The newest part of the log, in memory: what no run of histories holds yet."""

from bisect import insort_right
from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from splitshelf.collect.stores.bodies import acts

Act: TypeAlias = tuple[datetime, bytes]
"""When, and the body."""
_when = itemgetter(0)


class Batch(NamedTuple):
    """One row of the log."""

    seq: int
    events: int
    """How many."""
    body: bytes
    """Of all of them, joined."""


class Tail:
    """Batches in the order of the log, and their acts by shopper when somebody asks."""

    def __init__(self, epoch: int, seq: int) -> None:
        """`seq` is the batch before the first that will be added."""
        self.epoch = epoch
        """Grows when events are taken out of the log: an older tail is worthless."""
        self.seq = seq
        """The newest batch that is in here."""
        self.count = 0
        """How many events are in here."""
        self.batches: list[Batch] = []
        self._unsorted: list[Batch] = []
        self._acts: dict[str, list[Act]] = {}

    def add(self, batch: Batch) -> None:
        """Take in the batch that follows `seq`."""
        self.batches.append(batch)
        self._unsorted.append(batch)
        self.count += batch.events
        self.seq = batch.seq

    def newest(self, shopper: str, limit: int) -> Sequence[Act]:
        """A shopper's newest acts by time, those of one moment in the order of arrival."""
        if self._unsorted:
            self._sort()
        return self._acts.get(shopper, ())[-limit:]

    def drop(self, seq: int) -> None:
        """Let go of the batches up to `seq`: a run holds them now."""
        self.batches = [batch for batch in self.batches if batch.seq > seq]
        self._unsorted = list(self.batches)
        self._acts = {}
        self.count = sum(batch.events for batch in self.batches)

    def _sort(self) -> None:
        for batch in self._unsorted:
            for shopper, at, body in acts(batch.events, batch.body):
                theirs = self._acts.setdefault(shopper, [])
                if theirs and at < theirs[-1][0]:
                    insort_right(theirs, (at, body), key=_when)
                else:
                    theirs.append((at, body))
        self._unsorted.clear()
