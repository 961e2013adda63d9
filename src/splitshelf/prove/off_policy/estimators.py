"""What a policy would have earned, from the log of another: each with a 95 % interval.

w is the importance weight, target chance / logged chance. Inverse propensity (Horvitz and Thompson
1952), self-normalised (Swaminathan and Joachims 2015), clipped (Ionides 2008) and doubly robust
(Dudik, Langford and Li 2011).
"""

import math

import msgspec
import numpy as np
from scipy import special

from splitshelf.core.arrays import Bools, Floats
from splitshelf.prove.off_policy.logs import Log, Target

FOLDS = 2
SHRINKAGE = 10.0
"""How many rewards of the average weigh against those of one action at one position."""


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """The value of a policy per action."""

    value: float
    low: float
    """Of the 95 % interval."""
    high: float
    error: float
    bias: float = 0.0
    """The most that cutting weights may have moved the value; the interval includes it."""


def weights(log: Log, target: Target) -> Floats:
    """The importance weights, float64 [n]; at least 0, around 1 in the mean."""
    return target.chance / log.propensity


def ips(log: Log, target: Target) -> Estimate:
    """Inverse propensity scoring: unbiased, and as wild as its largest weight."""
    return _mean(weights(log, target) * log.reward)


def snips(log: Log, target: Target) -> Estimate:
    """Self-normalised: cannot leave the range of the rewards; its bias falls with 1 / n."""
    w = weights(log, target)
    value = float((w * log.reward).sum() / w.sum())
    return around(value, w * (log.reward - value) / w.mean())


def clipped(log: Log, target: Target) -> Estimate:
    """Inverse propensity with weights cut at sqrt(n): calmer, and biased where it cuts.

    What the cut weights stand for was hardly seen; it may have earned anything between the smallest
    and the largest reward. So much is stated as bias, and the interval reaches as much further.
    """
    w = weights(log, target)
    kept = np.minimum(w, math.sqrt(len(log)))
    cut = float((w - kept).mean())
    below, above = cut * max(-float(log.reward.min()), 0.0), cut * max(float(log.reward.max()), 0.0)
    one = _mean(kept * log.reward)
    return msgspec.structs.replace(
        one, low=one.low - below, high=one.high + above, bias=max(below, above)
    )


def doubly_robust(log: Log, target: Target) -> Estimate:
    """A model of the reward, corrected by the weighted misses of the model.

    The model is the mean reward of an action at a position, shrunk to the overall mean and always
    learned on the other half of the log. Needs a target that does not depend on the situation.
    """
    if target.distribution is None:
        raise ValueError("doubly_robust needs the target's distribution over all actions")
    direct, said = np.empty(len(log)), np.empty(len(log))
    fold = np.arange(len(log)) % FOLDS
    for number in range(FOLDS):
        model = rewards(log, fold != number, target.distribution.shape)
        here = fold == number
        direct[here] = (target.distribution * model).sum(axis=1)[log.position[here]]
        said[here] = model[log.position[here], log.action[here]]
    return corrected(log, weights(log, target), direct, said)


def corrected(log: Log, w: Floats, direct: Floats, said: Floats) -> Estimate:
    """A model's mean under the target, `direct` [n], corrected by its weighted misses.

    `said` [n] is what the model says of the logged actions. With weights of 0 it is the direct
    method, with shrunk ones that of Su et al. (2020).
    """
    return _mean(direct + w * (log.reward - said))


def rewards(log: Log, chosen: Bools, shape: tuple[int, ...]) -> Floats:
    """The shrunken mean reward of each action at each position, float64 [positions, actions]."""
    total, count = np.zeros(shape), np.zeros(shape)
    place = (log.position[chosen], log.action[chosen])
    np.add.at(total, place, log.reward[chosen])
    np.add.at(count, place, 1.0)
    mean = log.reward[chosen].mean() if chosen.any() else 0.0
    return (total + SHRINKAGE * mean) / (count + SHRINKAGE)


def _mean(terms: Floats) -> Estimate:
    value = float(terms.mean())
    return around(value, terms - value)


def around(value: float, deviations: Floats) -> Estimate:
    """The estimate whose error is that of the mean of the deviations."""
    n = len(deviations)
    error = math.sqrt(float(deviations @ deviations) / max(n - 1, 1) / n)
    half = float(-special.ndtri(0.025)) * error
    return Estimate(value=value, low=value - half, high=value + half, error=error)
