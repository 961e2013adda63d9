"""Click-through: the share of slates that lead to a click."""

import numpy as np

from splitshelf.prove.outcomes.outcome import Outcome

CLICK_THROUGH = Outcome(
    name="click_through",
    title="Click-through",
    kind="ratio",
    needs=("clicks", "slates"),
    values=lambda columns: np.column_stack([columns["clicks"], columns["slates"]]),
    definition="Slates with a click or view that names them, over slates shown; a slate counts "
    "once a day, the unit is the shopper (delta method).",
)
