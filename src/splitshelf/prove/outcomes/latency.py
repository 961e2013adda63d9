"""Latency: how long the shop takes to fill a shelf; a guardrail, because slow pages sell less."""

import numpy as np

from splitshelf.prove.outcomes.outcome import Outcome

LATENCY = Outcome(
    name="latency",
    title="Latency",
    kind="ratio",
    needs=("took", "timed"),
    values=lambda columns: np.column_stack([columns["took"], columns["timed"]]),
    definition="Milliseconds that slates took, over the slates that were timed; the unit is the "
    "shopper (delta method).",
    unit="ms",
    higher_is_better=False,
    sql="""\
SELECT variant, sum(took) / count(took) AS value
FROM shoppers JOIN slates USING (shopper)
GROUP BY variant""",
)
