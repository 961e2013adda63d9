"""Novelty: the more popular a product is, the more of its score it loses."""

import numpy as np

from splitshelf.serve.freshness import Assortment
from splitshelf.serve.rule import Effects, Mask, Rule


def novelty(rule: Rule, mask: Mask, effects: Effects, assortment: Assortment) -> None:
    """From `strength` for the most popular down to nothing for the least."""
    places = assortment.popularity
    shares = 1.0 - np.minimum(places, assortment.known) / max(assortment.known, 1)
    effects.multiply(np.ones(len(mask.now()), dtype=np.bool_), 1.0 - rule.strength * shares)
