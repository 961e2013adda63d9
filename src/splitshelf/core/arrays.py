"""The array types that signatures speak of."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int32]  # indexes of products, shoppers, sessions
Longs: TypeAlias = NDArray[np.int64]  # microseconds since 1970, UTC; offsets into other arrays
Bytes: TypeAlias = NDArray[np.int8]  # codes of event types
Bools: TypeAlias = NDArray[np.bool_]
