"""Boost and bury: multiply the scores of some products by a factor."""

from splitshelf.serve.freshness import Assortment
from splitshelf.serve.rule import Effects, Mask, Rule


def boost(rule: Rule, mask: Mask, effects: Effects, assortment: Assortment) -> None:
    """A factor above 1 lifts, one below 1 lowers."""
    del assortment
    effects.multiply(mask.now(), rule.factor)
