"""One shopper's newest acts in fixed width: what a ranking reads, without a look at an event."""

from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

TRACE: Final = np.dtype(
    [
        ("at", np.int64),  # microseconds UTC
        ("type", np.int64),  # see EVENT_CODES; -1 for a type that is not known any more
        ("product", np.uint64),  # the hash of its id
        ("session", np.uint64),  # the hash of its id; 0 where not given
        ("value", np.float64),  # of a rating, 1 to 5; nan elsewhere
    ]
)
Traces: TypeAlias = NDArray[Any]
"""TRACE [n]: oldest first. Ids are hashed by `name_hashes`."""
