"""Filter and exclude: only these products, or all but these; never relaxed to fill a shelf."""

from splitshelf.serve.freshness import Assortment
from splitshelf.serve.rule import Effects, Mask, Rule


def only(rule: Rule, mask: Mask, effects: Effects, assortment: Assortment) -> None:
    """Nothing but what the condition holds for."""
    del rule, assortment
    effects.forbid(~mask.now())


def exclude(rule: Rule, mask: Mask, effects: Effects, assortment: Assortment) -> None:
    """Nothing that the condition holds for."""
    del rule, assortment
    effects.forbid(mask.now())
