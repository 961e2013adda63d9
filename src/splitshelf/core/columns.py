"""The log as columns: what learning and proving both read."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from splitshelf.core.arrays import Bytes, Floats, Ints, Longs


@dataclass(frozen=True, slots=True)
class EventColumns:
    """Events as parallel arrays of length n, oldest first; ties keep the order of arrival.

    The names are sorted, so that the same log gives the same codes on every machine.
    """

    at: Longs
    """int64: microseconds UTC."""
    type: Bytes
    """int8: see EVENT_CODES."""
    shopper: Ints
    """int32: index into `shoppers`."""
    product: Ints
    """int32: index into `products`; -1 where the event has none."""
    session: Ints
    """int32: a number that is the same for the events of one session; -1 where not given."""
    order: Ints
    """int32: a number that is the same for the lines of one order; -1 where none."""
    quantity: Ints
    price: Floats
    """float64: of one unit; nan where not given."""
    dwell: NDArray[np.float32]
    """float32: seconds; nan where not given."""
    value: NDArray[np.float32]
    """float32: of a rating; nan elsewhere."""
    exposure: Ints
    """int32: index into `exposures`; -1 where none."""
    context: Ints
    """int32: index into `contexts`; -1 where the event said nothing of its circumstances."""
    shoppers: Sequence[str]
    products: Sequence[str]
    exposures: Sequence[str]
    contexts: Sequence[str]
    """See `core.circumstances.told`."""

    def __len__(self) -> int:
        return len(self.at)
