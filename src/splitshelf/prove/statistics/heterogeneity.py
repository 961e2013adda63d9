"""Whether an effect is the same everywhere: one test over all segments, one contrast for each."""

import math
from collections.abc import Sequence

import numpy as np
from scipy import special

from splitshelf.core.arrays import Floats


def interaction(effects: Floats, errors: Floats) -> float:
    """The p of one effect common to all segments; nan below two segments.

    Cochran (1954): the squared deviations from the common effect, each over its error, are
    chi-squared with one degree of freedom fewer than there are segments.
    """
    if len(effects) < 2:
        return math.nan
    weights = errors**-2
    common = weights @ effects / weights.sum()
    return float(special.chdtrc(len(effects) - 1, weights @ (effects - common) ** 2))


def contrasts(effects: Floats, errors: Floats) -> Sequence[tuple[float, float]]:
    """Each segment's effect less the common one of the others, and the error of that."""
    weights = errors**-2
    found = []
    for segment, (effect, error) in enumerate(zip(effects, errors, strict=True)):
        others = np.arange(len(effects)) != segment
        total = float(weights[others].sum())
        common = float(weights[others] @ effects[others]) / total
        found.append((float(effect) - common, math.hypot(float(error), total**-0.5)))
    return found
