"""Revenue per shopper: what pays, buyers or not."""

import numpy as np

from splitshelf.prove.outcomes.outcome import Outcome

REVENUE_PER_SHOPPER = Outcome(
    name="revenue_per_shopper",
    title="Revenue per shopper",
    kind="mean",
    needs=("revenue",),
    values=lambda columns: columns["revenue"][:, np.newaxis],
    definition="Sum of price times quantity of purchases after the first exposure, over shoppers.",
    unit="money",
    sql="""\
SELECT variant,
  coalesce(sum(price * quantity) FILTER (WHERE type = 'purchase'), 0)
    / count(DISTINCT shopper) AS value
FROM shoppers LEFT JOIN acts USING (shopper)
GROUP BY variant""",
)
