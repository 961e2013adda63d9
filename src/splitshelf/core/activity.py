"""One shopper's recent events, in the integer codes that models read."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from splitshelf.core.arrays import Bytes, Ints, Longs
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
    """int32 [m]: how many other products the shopper turned to later; 0 for the newest product.

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
        return cls(codes, types, times, steps_of(codes))

    def without(self, event: int) -> Self:
        """The same activity had event number `event` never happened; steps stay."""
        keep = np.arange(len(self.products)) != event
        return replace(
            self,
            products=self.products[keep],
            types=self.types[keep],
            times=self.times[keep],
            steps=self.steps[keep],
        )

    def __len__(self) -> int:
        return len(self.products)


def steps_of(products: Ints) -> Ints:
    """For each event, the number of distinct other products whose last event is newer.

    >>> steps_of(np.array([7, 8, 7, 9], dtype=np.int32)).tolist()
    [1, 2, 1, 0]
    """
    steps: dict[int, int] = {}
    for product in products[::-1].tolist():
        steps.setdefault(product, len(steps))
    return np.array([steps[product] for product in products.tolist()], dtype=np.int32)
