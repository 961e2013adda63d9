"""Average order value: what an order is worth, among orders."""

import numpy as np

from splitshelf.prove.outcomes.outcome import Outcome

AVERAGE_ORDER_VALUE = Outcome(
    name="average_order_value",
    title="Average order value",
    kind="ratio",
    needs=("revenue", "orders"),
    values=lambda columns: np.column_stack([columns["revenue"], columns["orders"]]),
    definition="Revenue over orders after the first exposure (delta method over shoppers).",
    unit="money",
    sql="""\
SELECT variant, sum(price * quantity) FILTER (WHERE type = 'purchase')
  / count(DISTINCT (shopper, CAST(moment AS DATE), coalesce("order", CAST(moment AS VARCHAR))))
    FILTER (WHERE type = 'purchase') AS value
FROM shoppers LEFT JOIN acts USING (shopper)
GROUP BY variant""",
)
