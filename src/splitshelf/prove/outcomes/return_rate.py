"""Return rate: the share of the units bought that come back."""

import numpy as np

from splitshelf.prove.outcomes.outcome import Outcome

RETURN_RATE = Outcome(
    name="return_rate",
    title="Return rate",
    kind="ratio",
    needs=("refunded", "units"),
    values=lambda columns: np.column_stack([columns["refunded"], columns["units"]]),
    definition="Units refunded over units bought after the first exposure (delta method).",
    higher_is_better=False,
    sql="""\
SELECT variant,
  coalesce(sum(quantity) FILTER (WHERE type = 'refund'), 0)
    / sum(quantity) FILTER (WHERE type = 'purchase') AS value
FROM shoppers LEFT JOIN acts USING (shopper)
GROUP BY variant""",
)
