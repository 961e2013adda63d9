"""What another policy would have earned on slates.

The log keeps the chance of what stands at each position, given what stands before it. A slate is
too long for one weight: the product over twelve positions explodes. The estimators differ in what
they take a position's reward to depend on.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from splitshelf.core.arrays import Floats, Longs
from splitshelf.prove.off_policy.estimators import Estimate, around
from splitshelf.prove.off_policy.gates import Support, refusal


@dataclass(frozen=True, slots=True)
class SlateLog:
    """n logged slates of up to k positions; shorter ones are filled up with chance 1, reward 0."""

    logged: Floats
    """float64 [n, k]: the chance of what stands at each position, given those before it."""
    target: Floats
    """float64 [n, k]: the chance that the target policy gives it, given the same ones before."""
    reward: Floats
    """float64 [n, k]: what each position earned."""


def whole(log: SlateLog) -> Floats:
    """The weights [n, k] under no assumption: that of the whole slate for every position."""
    product = (log.target / log.logged).prod(axis=1)
    return np.repeat(product[:, np.newaxis], log.reward.shape[1], axis=1)


def cascade(log: SlateLog) -> Floats:
    """The weights [n, k] of a reader from the top: a reward depends on what stands above it.

    Reward interaction inverse propensity scoring (McInerney et al. 2020), which the conditional
    propensities of our log make exact.
    """
    return np.cumprod(log.target / log.logged, axis=1, dtype=np.float64)


def independent(log: SlateLog) -> Floats:
    """The weights [n, k] where a reward depends on its own position only (Li et al. 2018).

    With conditional chances it answers for a policy that keeps what stands above.
    """
    return log.target / log.logged


SLATE_ESTIMATORS: dict[str, Callable[[SlateLog], Floats]] = {
    "whole": whole,
    "cascade": cascade,
    "independent": independent,
}
"""name -> log -> weights; the value per slate follows from `estimate`."""


def estimate(log: SlateLog, weights: Floats) -> Estimate:
    """The self-normalised value per slate: positions are normalised one by one, then added."""
    means = weights.mean(axis=0)
    values = (weights * log.reward).mean(axis=0) / means
    deviations = (weights * (log.reward - values) / means).sum(axis=1)
    return around(float(values.sum()), deviations)


def difference(log: SlateLog, weights: Floats, units: Longs) -> Estimate:
    """What the target earns more per slate than the log's own policy did.

    Paired on the same slates; `units` [n] says whose each is, and the error is that of the sums by
    unit, since what one shopper does on several slates goes together.
    """
    means = weights.mean(axis=0)
    values = (weights * log.reward).mean(axis=0) / means
    own = log.reward.mean(axis=0)
    gaps = (weights * (log.reward - values) / means - (log.reward - own)).sum(axis=1)
    _, codes = np.unique(units, return_inverse=True)
    sums = np.bincount(codes, weights=gaps)
    groups, n = len(sums), len(gaps)
    error = math.sqrt(float(sums @ sums) * groups / max(groups - 1, 1)) / n
    half = -float(special.ndtri(0.025)) * error
    value = float(values.sum() - own.sum())
    return Estimate(value=value, low=value - half, high=value + half, error=error)


def slate_support(weights: Floats) -> Support:
    """How much the log says, at the position where it says least."""
    squares = (weights**2).sum(axis=0)
    sizes = weights.sum(axis=0) ** 2 / np.where(squares > 0, squares, 1.0)
    worst = int(sizes.argmin())
    return Support(
        n=len(weights),
        effective=float(sizes[worst]),
        mean_weight=float(weights[:, worst].mean()),
        max_weight=float(weights.max()),
        overlap=None,
    )


def answers(log: SlateLog) -> dict[str, tuple[Support, Estimate | None, str | None]]:
    """Estimator -> its support, and either its estimate or why it is refused."""
    found = {}
    for name, weigh in SLATE_ESTIMATORS.items():
        weights = weigh(log)
        support = slate_support(weights)
        why = refusal(support)
        found[name] = (support, None if why else estimate(log, weights), why)
    return found
