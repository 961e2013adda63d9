"""How long shelves take in a simulated shop: planted, so that an experiment on it has a truth."""

import math
from collections.abc import Mapping

import msgspec
from scipy import special

from splitshelf.core.assignment import bucket
from splitshelf.core.slates import Exposure

TYPICAL = 12.0
"""Milliseconds: the median of a shelf."""
BETWEEN, WITHIN = 0.5, 0.6
"""The standard deviations of its logarithm between shoppers and between shelves of one."""


def timed(exposure: Exposure, slower: Mapping[str, float]) -> Exposure:
    """The exposure with milliseconds that follow from its shopper, its id and its policy.

    `slower` has by policy how many times as long it takes as others. The same at every call.
    """
    spread = BETWEEN * _normal("pace", exposure.shopper) + WITHIN * _normal("wait", exposure.id)
    took = TYPICAL * slower.get(exposure.policy, 1.0) * math.exp(spread)
    return msgspec.structs.replace(exposure, took=took)


def _normal(salt: str, unit: str) -> float:
    """A standard normal number that a hash draws."""
    return float(special.ndtri(bucket(salt, unit) + 0.00005))
