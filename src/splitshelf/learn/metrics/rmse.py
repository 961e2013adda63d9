"""RMSE: the typical error of a predicted rating, large errors counting more."""

import numpy as np

from splitshelf.core.arrays import Floats


def rmse(predicted: Floats, given: Floats) -> float:
    """The root of the mean squared error, in the unit of the ratings. Herlocker et al. 2004."""
    return float(np.sqrt(np.mean((predicted - given) ** 2)))
