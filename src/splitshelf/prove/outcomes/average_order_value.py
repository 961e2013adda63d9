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
)
