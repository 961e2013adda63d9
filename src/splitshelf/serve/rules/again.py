"""Again: products that are used up may stand on a shelf although they were bought lately."""

from splitshelf.serve.freshness import Assortment
from splitshelf.serve.rule import Effects, Mask, Rule


def again(rule: Rule, mask: Mask, effects: Effects, assortment: Assortment) -> None:
    """Those that the condition holds for."""
    del rule, assortment
    holds = mask.now()
    effects.again = holds.copy() if effects.again is None else effects.again | holds
