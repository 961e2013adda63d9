"""Margin per shopper: what is left of the revenue after what the goods cost."""

import numpy as np

from splitshelf.prove.outcomes.outcome import Outcome

MARGIN_PER_SHOPPER = Outcome(
    name="margin_per_shopper",
    title="Margin per shopper",
    kind="mean",
    needs=("margin",),
    values=lambda columns: columns["margin"][:, np.newaxis],
    definition="Sum of (price - cost) times quantity of purchases after the first exposure, over "
    "shoppers; products without a known cost add nothing.",
    unit="money",
    sql="""\
SELECT variant,
  coalesce(sum((price - cost) * quantity) FILTER (WHERE type = 'purchase'), 0)
    / count(DISTINCT shopper) AS value
FROM shoppers LEFT JOIN acts USING (shopper)
LEFT JOIN products ON products.id = acts.product
GROUP BY variant""",
)
