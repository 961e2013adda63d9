"""Thompson sampling: each arm gets the chance with which it is the best, as far as is known.

The posterior of a share is Beta under a flat prior, that of a mean Gaussian with the sample's
variance. The chance of being best is estimated by draws; with a floor mixed in, every arm keeps a
known, positive chance, and inverse-propensity and stratified analyses stay valid.
"""

from collections.abc import Callable, Sequence

import numpy as np

from splitshelf.core.arrays import Floats
from splitshelf.core.protocols import Rng
from splitshelf.prove.summaries import Summary

DRAWS = 10_000
FEWEST = 10
"""Units of an arm below which a mean says nothing: then all arms are dealt alike."""


def beta_draws(arm: Summary, rng: Rng, draws: int) -> Floats:
    """Draws of a share, float64 [draws]; column 0 holds zeros and ones."""
    hits = arm.n * float(arm.mean[0])
    return rng.beta(1 + hits, 1 + arm.n - hits, draws)


def gaussian_draws(arm: Summary, rng: Rng, draws: int) -> Floats:
    """Draws of a mean, float64 [draws]."""
    return rng.normal(float(arm.mean[0]), np.sqrt(arm.variance(0) / arm.n), draws)


POSTERIORS: dict[str, Callable[[Summary, Rng, int], Floats]] = {
    "proportion": beta_draws,
    "mean": gaussian_draws,
}
"""kind of outcome -> draws from what is known of an arm."""


def allocation(
    arms: Sequence[Summary],
    kind: str,
    rng: Rng,
    *,
    floor: float,
    higher_is_better: bool = True,
    draws: int = DRAWS,
) -> Floats:
    """The share of each arm, float64 [arms], none below `floor`, summing to 1.

    >>> alike = Summary.of(np.tile([0.0, 1.0], 50))
    >>> allocation([alike, alike], "mean", np.random.default_rng(1), floor=0.1).round(1).tolist()
    [0.5, 0.5]
    """
    if any(arm.n < FEWEST for arm in arms):
        return np.full(len(arms), 1 / len(arms))
    sign = 1.0 if higher_is_better else -1.0
    worth = np.vstack([sign * POSTERIORS[kind](arm, rng, draws) for arm in arms])
    best = np.bincount(worth.argmax(axis=0), minlength=len(arms)) / draws
    return floor + (1 - floor * len(arms)) * best
