"""The value of a policy per slate, from replayed slates: estimators, intervals, support.

Rewards of a slate are read from the top (cascade) unless an estimator's name says otherwise. All
intervals are 95 % and treat the shopper as the unit: slates of one shopper are not independent.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from splitshelf.core.arrays import Floats, Longs
from splitshelf.prove.off_policy.estimators import Estimate
from splitshelf.prove.off_policy.slates import SlateLog, cascade, independent, whole


@dataclass(frozen=True, slots=True)
class Replayed:
    """Logged slates and what the target policy would have done at each place of them."""

    log: SlateLog
    unit: Longs
    """int64 [n]: whose slate it is, 0 to the number of shoppers - 1."""
    model: Floats
    """float64 [n, k]: what a model of the reward says of the product that stood there."""
    expected: Floats
    """float64 [n, k]: the mean of that model under the target, given what stood above."""
    share: Floats
    """float64 [n]: for how many shoppers each slate stands, 1 on average. A bandit shows a policy
    to some more than to others: there it is one over the chance of the policy."""

    def upto(self, places: int) -> "Replayed":
        """The same slates cut to their first places."""
        log = self.log
        cut = SlateLog(log.logged[:, :places], log.target[:, :places], log.reward[:, :places])
        model, expected = self.model[:, :places], self.expected[:, :places]
        return Replayed(cut, self.unit, model, expected, self.share)

    def weighed(self, weights: Floats) -> Floats:
        """Weights of places, [n, k], times the shoppers that each slate stands for."""
        return weights * self.share[:, np.newaxis]


@dataclass(frozen=True, slots=True)
class Terms:
    """An estimate before its error: its value and what each slate contributes around it."""

    value: float
    deviations: Floats
    """float64 [n]; their mean is 0 or nearly so."""


def shares(chance: Floats) -> Floats:
    """How many shoppers each slate stands for, [n], 1 on average; nan chances are 1.

    `chance` is that of the policy which made the slate, where it was dealt by chance.
    """
    stands = 1 / np.where(np.isnan(chance), 1.0, chance)
    return stands / stands.mean() if len(stands) else stands


def self_normalised(data: Replayed, weights: Floats) -> Terms:
    """Places are normalised one by one, then added: it cannot leave the range of the rewards."""
    weights = data.weighed(weights)
    means = weights.mean(axis=0)
    values = (weights * data.log.reward).mean(axis=0) / means
    deviations = (weights * (data.log.reward - values) / means).sum(axis=1)
    return Terms(float(values.sum()), deviations)


def plain(data: Replayed, weights: Floats) -> Terms:
    """Inverse propensity scoring: unbiased, and as wild as its largest weight."""
    return _around((weights * data.log.reward).sum(axis=1), data.share)


def clipped(data: Replayed, weights: Floats) -> Terms:
    """Weights cut at the square root of the number of slates: biased down, but calmer."""
    cut = np.minimum(weights, math.sqrt(len(weights)))
    return _around((cut * data.log.reward).sum(axis=1), data.share)


def doubly_robust(data: Replayed, weights: Floats) -> Terms:
    """The model's mean under the policy, corrected by the weighted misses of the model.

    For each place, with w(k) the weight down to it: w(k - 1) E[model] + w(k) (reward - model).
    """
    above = np.hstack([np.ones((len(weights), 1)), weights[:, :-1]])
    misses = weights * (data.log.reward - data.model)
    return _around((above * data.expected + misses).sum(axis=1), data.share)


def logged(data: Replayed) -> Terms:
    """What the log itself earned per slate."""
    return _around(data.log.reward.sum(axis=1), data.share)


Weigh = Callable[[SlateLog], Floats]
POLICY_ESTIMATORS: dict[str, tuple[Weigh, Callable[[Replayed, Floats], Terms]]] = {
    "doubly_robust": (cascade, doubly_robust),
    "self_normalised": (cascade, self_normalised),
    "inverse_propensity": (cascade, plain),
    "clipped": (cascade, clipped),
    "independent": (independent, self_normalised),
    "whole_slate": (whole, self_normalised),
}
"""name -> (what a reward may depend on, how the weights are used)."""


def estimate_of(terms: Terms, unit: Longs) -> Estimate:
    """The estimate with an interval over shoppers.

    The variance of a mean of clustered terms: the squared sums of each cluster, G / (G - 1) of them
    (Liang and Zeger 1986).
    """
    sums = np.bincount(unit, terms.deviations)
    groups = max(int((np.bincount(unit) > 0).sum()), 2)
    error = math.sqrt(float(sums @ sums) * groups / (groups - 1)) / len(unit)
    half = float(-special.ndtri(0.025)) * error
    return Estimate(value=terms.value, low=terms.value - half, high=terms.value + half, error=error)


def gain(target: Terms, own: Terms, unit: Longs) -> Estimate:
    """By how much the target's value exceeds that of the log; the two share their slates."""
    return estimate_of(Terms(target.value - own.value, target.deviations - own.deviations), unit)


def _around(totals: Floats, share: Floats) -> Terms:
    """The mean of what the slates say, each for as many shoppers as it stands for."""
    value = float((share * totals).mean())
    return Terms(value, share * (totals - value))
