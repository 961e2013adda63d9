"""Add to cart: the share of shoppers who put something into the cart."""

import numpy as np

from splitshelf.prove.outcomes.outcome import Outcome

ADD_TO_CART = Outcome(
    name="add_to_cart",
    title="Add to cart",
    kind="proportion",
    needs=("carts",),
    values=lambda columns: (columns["carts"] > 0).astype(np.float64)[:, np.newaxis],
    definition="Shoppers with an add_to_cart after their first exposure, over all shoppers.",
    sql="""\
SELECT variant,
  count(DISTINCT shopper) FILTER (WHERE type = 'add_to_cart') / count(DISTINCT shopper) AS value
FROM shoppers LEFT JOIN acts USING (shopper)
GROUP BY variant""",
)
