"""When there is no answer: a log that says too little about the policy asked for."""

import msgspec
import numpy as np

from splitshelf.core.arrays import Floats
from splitshelf.prove.off_policy.logs import Log, Target

LEAST_SHARE = 0.01
"""Of the log's size, for the effective sample size."""
LEAST_SIZE = 30.0
MEAN_WEIGHT = (0.9, 1.1)
LEAST_OVERLAP = 0.95


class Support(msgspec.Struct, frozen=True, kw_only=True):
    """How much the log says about the target."""

    n: int
    effective: float
    """The effective sample size (Kish): (sum of weights)^2 / sum of squared weights."""
    mean_weight: float
    """1 where the logged propensities are right and cover the target."""
    max_weight: float
    overlap: float | None
    """The share of the target's actions that the log took at least once; None where not known."""


def support(log: Log, target: Target, w: Floats) -> Support:
    """How much the log says about the target, with w the importance weights."""
    squares = float(w @ w)
    return Support(
        n=len(log),
        effective=float(w.sum()) ** 2 / squares if squares else 0.0,
        mean_weight=float(w.mean()),
        max_weight=float(w.max()),
        overlap=_overlap(log, target),
    )


def _overlap(log: Log, target: Target) -> float | None:
    if target.distribution is None:
        return None
    taken = np.zeros(target.distribution.shape, dtype=bool)
    taken[log.position, log.action] = True
    share = np.bincount(log.position, minlength=len(taken)) / len(log)
    return float(share @ (target.distribution * taken).sum(axis=1))


def refusal(found: Support) -> str | None:
    """Why there is no answer, in one sentence; None where there is one."""
    least = max(LEAST_SHARE * found.n, LEAST_SIZE)
    if found.effective < least:
        return (
            f"The log says nearly nothing about that policy: of {found.n:,} actions only "
            f"{found.effective:.1f} count effectively, at least {least:.0f} are needed. Log with "
            "more exploration, or ask about a policy nearer to the logged one."
        )
    if found.overlap is not None and found.overlap < LEAST_OVERLAP:
        return (
            f"{1 - found.overlap:.1%} of what that policy would do was never done in the log, at "
            f"most {1 - LEAST_OVERLAP:.0%} is allowed. Log with more exploration."
        )
    low, high = MEAN_WEIGHT
    if not low <= found.mean_weight <= high:
        return (
            f"The mean weight is {found.mean_weight:.3f}, it must lie between {low} and {high}: "
            "the logged propensities are wrong, or do not cover that policy."
        )
    return None
