"""The bootstrap: an interval of any statistic of two arms, when no formula fits."""

from collections.abc import Callable

import numpy as np

from splitshelf.core.arrays import Floats
from splitshelf.core.protocols import Rng


def interval(
    control: Floats,
    treatment: Floats,
    statistic: Callable[[Floats], float],
    rng: Rng,
    *,
    alpha: float = 0.05,
    rounds: int = 2000,
) -> tuple[float, float]:
    """The percentile interval of statistic(treatment) - statistic(control).

    Rows are shoppers: float64 [n] or [n, k]. Each round draws both arms anew with replacement
    (Efron 1979).
    """
    differences = [
        statistic(_again(treatment, rng)) - statistic(_again(control, rng)) for _ in range(rounds)
    ]
    low, high = np.quantile(differences, [alpha / 2, 1 - alpha / 2])
    return float(low), float(high)


def _again(rows: Floats, rng: Rng) -> Floats:
    return rows[rng.integers(0, len(rows), len(rows))]
