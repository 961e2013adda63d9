"""Diversity: how many different products a shopper is shown, per place on a shelf."""

import numpy as np

from splitshelf.prove.outcomes.outcome import Outcome

DIVERSITY = Outcome(
    name="diversity",
    title="Diversity shown",
    kind="ratio",
    needs=("distinct", "positions"),
    values=lambda columns: np.column_stack([columns["distinct"], columns["positions"]]),
    definition="Different products shown to a shopper a day, over places shown (delta method).",
)
