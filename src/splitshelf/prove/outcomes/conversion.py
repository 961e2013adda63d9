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
    sql="""\
SELECT variant,
  count(DISTINCT shopper) FILTER (WHERE type = 'purchase') / count(DISTINCT shopper) AS value
FROM shoppers LEFT JOIN acts USING (shopper)
GROUP BY variant""",
)
