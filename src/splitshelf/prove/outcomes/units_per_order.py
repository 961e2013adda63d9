"""Units per order: how full the cart is."""

import numpy as np

from splitshelf.prove.outcomes.outcome import Outcome

UNITS_PER_ORDER = Outcome(
    name="units_per_order",
    title="Units per order",
    kind="ratio",
    needs=("units", "orders"),
    values=lambda columns: np.column_stack([columns["units"], columns["orders"]]),
    definition="Units bought over orders after the first exposure (delta method over shoppers).",
    unit="count",
    sql="""\
SELECT variant, sum(quantity) FILTER (WHERE type = 'purchase')
  / count(DISTINCT (shopper, CAST(moment AS DATE), coalesce("order", CAST(moment AS VARCHAR))))
    FILTER (WHERE type = 'purchase') AS value
FROM shoppers LEFT JOIN acts USING (shopper)
GROUP BY variant""",
)
