"""The acts that are in the log but not yet in the histories: what a process keeps in memory."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zlib import crc32

from splitshelf.core.events import Event, EventType

PARTITIONS = 16
"""Histories are brought up to date one sixteenth at a time, so that no append waits long."""


class Acts(NamedTuple):
    """Some events of one shopper's history, as parallel lists in the order of arrival."""

    batches: list[int]
    """The batch that brought each."""
    times: list[datetime]
    bodies: list[bytes]

    def after(self, mark: int) -> list[bytes]:
        """The bodies that came after a batch."""
        if not self.batches or self.batches[0] > mark:
            return self.bodies
        return [body for batch, body in zip(self.batches, self.bodies, strict=True) if batch > mark]


def partition(shopper: str) -> int:
    """Which sixteenth a shopper belongs to, on every machine."""
    return crc32(shopper.encode()) % PARTITIONS


class Tail:
    """Acts by shopper, oldest arrival first; complete from the fold marks up to `seq`."""

    def __init__(self, epoch: int, seq: int) -> None:
        self.epoch = epoch
        """Grows when events are taken out of the log: an older tail is worthless."""
        self.seq = seq
        """The newest batch that is in here."""
        self.marks = [0] * PARTITIONS
        """For each partition, the batch up to which its acts were let go."""
        self.count = 0
        """How many events are in here."""
        self._unsorted: list[tuple[int, Sequence[Event], Sequence[bytes]]] = []
        self._acts: dict[str, list[Any]] = {}
        # batch, time, body, batch, time, body, ...: a tuple for each act would keep the garbage
        # collector busy with a hundred thousand objects
        self._shoppers: list[list[str]] = [[] for _ in range(PARTITIONS)]

    def add(self, seq: int, events: Sequence[Event], bodies: Sequence[bytes]) -> None:
        """Take in the batch that follows `seq`; sorted by shopper when somebody asks."""
        self._unsorted.append((seq, events, bodies))
        self.count += len(events)
        self.seq = seq

    def _sort(self) -> None:
        for batch in self._unsorted:
            self._sort_batch(*batch)
        self._unsorted.clear()

    def _sort_batch(self, seq: int, events: Sequence[Event], bodies: Sequence[bytes]) -> None:
        acts = self._acts
        for event, body in zip(events, bodies, strict=True):
            if event.product is None or event.type is EventType.IMPRESSION:
                self.count -= 1
                continue
            shopper = event.shopper
            known = acts.get(shopper)
            if known is None:
                acts[shopper] = [seq, event.at, body]
                self._shoppers[partition(shopper)].append(shopper)
            else:
                known += (seq, event.at, body)

    def acts(self, shopper: str) -> Acts:
        """A shopper's acts, as they are now."""
        if self._unsorted:
            self._sort()
        flat = self._acts.get(shopper, [])
        return Acts(flat[::3], flat[1::3], flat[2::3])

    def partition(self, number: int) -> dict[str, Acts]:
        """The acts of one partition, by shopper."""
        self._sort()
        return {shopper: self.acts(shopper) for shopper in self._shoppers[number]}

    def oldest(self) -> int:
        """The partition that was folded longest ago."""
        return self.marks.index(min(self.marks))

    def folded(self, number: int, mark: int) -> None:
        """Let go of a partition's acts up to the batch `mark`: the histories have them now."""
        self._sort()
        shoppers, self._shoppers[number] = self._shoppers[number], []
        self.marks[number] = mark
        for shopper in shoppers:
            flat = self._acts.pop(shopper)
            start = bisect_right(flat[::3], mark) * 3
            left = flat[start:]
            self.count -= start // 3
            if left:
                self._acts[shopper] = left
                self._shoppers[number].append(shopper)
