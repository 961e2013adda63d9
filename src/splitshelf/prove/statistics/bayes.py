"""Chance to win and risk of a normal posterior, with or without a prior."""

import math
from dataclasses import dataclass

from scipy import special

from splitshelf.prove.statistics.comparisons import Arm


@dataclass(frozen=True, slots=True)
class Effect:
    """An estimated difference, absolute or relative, that is about normal."""

    mean: float
    error: float
    """Its standard error; above 0."""

    def given(self, prior: "Effect") -> "Effect":
        """The posterior under a normal prior: precisions add, means are weighed by them."""
        precision = 1 / self.error**2 + 1 / prior.error**2
        mean = (self.mean / self.error**2 + prior.mean / prior.error**2) / precision
        return Effect(mean, 1 / math.sqrt(precision))


def relative_effect(control: Arm, treatment: Arm) -> Effect:
    """The relative difference and its error by the delta method, as GrowthBook has it."""
    ratio = treatment.value / control.value
    error = math.hypot(treatment.error, ratio * control.error) / abs(control.value)
    return Effect(ratio - 1, error)


def chance_to_win(effect: Effect, *, higher_is_better: bool = True) -> float:
    """The chance that the variant is better at all; nan without an error."""
    if not effect.error > 0:
        return math.nan
    z = effect.mean / effect.error
    return float(special.ndtr(z if higher_is_better else -z))


def risk(effect: Effect) -> tuple[float, float]:
    """What is expected to be lost by (keeping, shipping), in the units of the effect.

    The means of the positive and of the negative part of the posterior; nan without an error.
    """
    if not effect.error > 0:
        return math.nan, math.nan
    z = effect.mean / effect.error
    density = effect.error * math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
    return (
        density + effect.mean * float(special.ndtr(z)),
        density - effect.mean * float(special.ndtr(-z)),
    )
