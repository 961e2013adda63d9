"""Objective: what earns more stands higher, by a chosen share of the score."""

from decimal import Decimal

import numpy as np

from splitshelf.core.products import Product
from splitshelf.serve.freshness import Assortment
from splitshelf.serve.rule import Effects, Mask, Rule, margin_of


def objective(rule: Rule, mask: Mask, effects: Effects, assortment: Assortment) -> None:
    """The factor of a product is 1 - strength + strength * value / mean value, at least 0.01.

    The value is the price or the margin of one unit; products without one have the mean.
    """
    del assortment
    values = mask.values(margin_of if rule.by == "margin" else price_of)
    holds = mask.now()
    known = holds & ~np.isnan(values)
    if not known.any() or values[known].mean() <= 0:
        return
    shares = np.where(known, values / values[known].mean(), 1.0)
    effects.multiply(holds, np.maximum(1.0 - rule.strength + rule.strength * shares, 0.01))


def price_of(product: Product) -> Decimal | None:
    """What one unit costs."""
    return product.price
