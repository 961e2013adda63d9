"""The acts that are in the log but not yet in the histories: what a process keeps in memory."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from zlib import crc32

from splitshelf.collect.stores.bodies import Arrival
from splitshelf.core.events import EventType

PARTITIONS = 16
"""Histories are brought up to date one sixteenth at a time, so that no append waits long."""


class Act(NamedTuple):
    """One event of a shopper's history."""

    batch: int
    """The batch that brought it."""
    at: datetime
    body: bytes


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
        """How many acts are in here."""
        self._acts: dict[str, list[Act]] = {}
        self._shoppers: list[list[str]] = [[] for _ in range(PARTITIONS)]

    def add(self, seq: int, batch: Iterable[Arrival]) -> None:
        """Take in the batch that follows `seq`."""
        acts = self._acts
        for event, body in batch:
            if event.product is None or event.type is EventType.IMPRESSION:
                continue
            shopper = event.shopper
            if shopper not in acts:
                acts[shopper] = []
                self._shoppers[partition(shopper)].append(shopper)
            acts[shopper].append(Act(seq, event.at, body))
            self.count += 1
        self.seq = seq

    def acts(self, shopper: str) -> Sequence[Act]:
        """A shopper's acts, as they are now."""
        return tuple(self._acts.get(shopper, ()))

    def partition(self, number: int) -> dict[str, list[Act]]:
        """The acts of one partition, by shopper."""
        return {shopper: self._acts[shopper] for shopper in self._shoppers[number]}

    def oldest(self) -> int:
        """The partition that was folded longest ago."""
        return self.marks.index(min(self.marks))

    def folded(self, number: int, mark: int) -> None:
        """Let go of a partition's acts up to the batch `mark`: the histories have them now."""
        shoppers, self._shoppers[number] = self._shoppers[number], []
        self.marks[number] = mark
        for shopper in shoppers:
            acts = self._acts.pop(shopper)
            left = [act for act in acts if act.batch > mark]
            self.count -= len(acts) - len(left)
            if left:
                self._acts[shopper] = left
                self._shoppers[number].append(shopper)
