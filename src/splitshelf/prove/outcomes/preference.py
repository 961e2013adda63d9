"""Preference: which of two policies on interleaved shelves the shoppers click more."""

import numpy as np

from splitshelf.prove.outcomes.outcome import Outcome

PREFERENCE = Outcome(
    name="preference",
    title="Preference",
    kind="proportion",
    needs=("won_first", "won_second"),
    values=lambda columns: np.where(
        columns["won_first"] == columns["won_second"],
        np.nan,
        columns["won_second"] > columns["won_first"],
    )[:, np.newaxis],
    definition="Shoppers who clicked more products of the second policy than of the first, over "
    "all who clicked more of either; only where shelves are interleaved.",
)
