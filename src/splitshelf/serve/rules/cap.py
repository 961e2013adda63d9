"""Cap: at most so many products of one brand, category or seller."""

from splitshelf.serve.freshness import Assortment
from splitshelf.serve.rule import Effects, Mask, Rule


def cap(rule: Rule, mask: Mask, effects: Effects, assortment: Assortment) -> None:
    """Forgotten only where the shelf would come back short."""
    del mask, assortment
    effects.caps.append((rule.by, rule.most))
