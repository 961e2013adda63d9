"""Conversion: the share of shoppers who buy."""

import numpy as np

from splitshelf.prove.outcomes.outcome import Outcome

CONVERSION = Outcome(
    name="conversion",
    title="Conversion",
    kind="proportion",
    needs=("orders",),
    values=lambda columns: (columns["orders"] > 0).astype(np.float64)[:, np.newaxis],
    definition="Shoppers with at least one order after their first exposure, over all shoppers.",
)
