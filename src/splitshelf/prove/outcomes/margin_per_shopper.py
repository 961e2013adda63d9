"""Margin per shopper: what is left of the revenue after what the goods cost."""

import numpy as np

from splitshelf.prove.outcomes.outcome import Outcome

MARGIN_PER_SHOPPER = Outcome(
    name="margin_per_shopper",
    title="Margin per shopper",
    kind="mean",
    needs=("margin",),
    values=lambda columns: columns["margin"][:, np.newaxis],
    definition="Sum of (price - cost) times quantity of purchases after the first exposure, over "
    "shoppers; products without a known cost add nothing.",
    unit="money",
)
