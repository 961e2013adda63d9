"""Pin: one product at one position, as long as it may be sold."""

from splitshelf.serve.freshness import Assortment
from splitshelf.serve.rule import Effects, Mask, Rule


def pin(rule: Rule, mask: Mask, effects: Effects, assortment: Assortment) -> None:
    """The first rule, of those whose product may be sold, that names a position has it."""
    del mask
    code = assortment.codes.get(rule.product)
    if code is None or not effects.sellable[code]:
        return
    if code not in effects.pins.values():
        effects.pins.setdefault(rule.position, code)
