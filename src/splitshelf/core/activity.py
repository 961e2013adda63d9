"""One shopper's recent events, in the integer codes that models read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from splitshelf.core.arrays import Bools, Bytes, Ints, Longs
from splitshelf.core.events import EVENT_CODES, EventType


@dataclass(frozen=True, slots=True)
class Activity:
    """What one shopper did, oldest first; every array has one entry an event."""

    products: Ints
    """int32 [m]: index into the products of the dataset or artefact."""
    types: Bytes
    """int8 [m]: see EVENT_CODES."""
    times: Longs
    """int64 [m]: microseconds UTC."""
    steps: Ints
    """int32 [m]: how many times the shopper turned to other products later; 0 for the newest.

    A step belongs to its event: `without` keeps the steps of the others, so that a score which
    decays by step stays linear in the events.
    """

    @classmethod
    def of(cls, products: Ints, types: Bytes | None = None, times: Longs | None = None) -> Self:
        """The activity of events given oldest first; views a second apart where not said."""
        codes = np.ascontiguousarray(products, dtype=np.int32)
        if types is None:
            types = np.full(len(codes), EVENT_CODES[EventType.VIEW], dtype=np.int8)
        if times is None:
            times = np.arange(len(codes), dtype=np.int64) * 1_000_000
        return cls(codes, types, times, steps_of(codes, times))

    def without(self, event: int) -> Self:
        """The same activity had event number `event` never happened; steps stay."""
        return self._only(np.arange(len(self.products)) != event)

    def without_product(self, product: int) -> Self:
        """The same activity had the shopper never met a product; the steps of the others stay."""
        return self._only(self.products != product)

    def _only(self, keep: Bools) -> Self:
        return replace(
            self,
            products=self.products[keep],
            types=self.types[keep],
            times=self.times[keep],
            steps=self.steps[keep],
        )

    def __len__(self) -> int:
        return len(self.products)


def steps_of(products: Ints, times: Longs | None = None) -> Ints:
    """For each event, how many times the shopper turned to another product after it.

    What happens at the same instant, as the lines of an order do, is one turn.

    >>> steps_of(np.array([7, 8, 7, 9], dtype=np.int32)).tolist()
    [1, 2, 1, 0]
    >>> basket = np.array([3, 5, 5])
    >>> steps_of(np.array([7, 8, 9], dtype=np.int32), basket).tolist()
    [1, 0, 0]
    """
    moments = range(len(products)) if times is None else times.tolist()
    return np.array(steps_back(products.tolist(), moments), dtype=np.int32)


def steps_back(products: Sequence[int], times: Sequence[int]) -> list[int]:
    """The steps of an activity given as plain lists, which is faster for short ones."""
    steps: dict[int, int] = {}
    step, newest = -1, None
    for product, moment in zip(reversed(products), reversed(times), strict=True):
        if product not in steps:
            step += moment != newest
            newest = moment
            steps[product] = step
    return [steps[product] for product in products]
