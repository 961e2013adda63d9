"""MAE: the mean error of a predicted rating."""

import numpy as np

from splitshelf.core.arrays import Floats


def mae(predicted: Floats, given: Floats) -> float:
    """The mean absolute error, in the unit of the ratings. Herlocker et al. 2004."""
    return float(np.mean(np.abs(predicted - given)))
