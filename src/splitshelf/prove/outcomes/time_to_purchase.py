"""Time to purchase: how long buyers take; buyers only, so read it beside conversion."""

import numpy as np

from splitshelf.prove.outcomes.outcome import Outcome

TIME_TO_PURCHASE = Outcome(
    name="time_to_purchase",
    title="Time to purchase",
    kind="mean",
    needs=("delay",),
    values=lambda columns: columns["delay"][:, np.newaxis],
    definition="Hours from the first exposure to the first purchase, over shoppers who bought.",
    unit="hours",
    higher_is_better=False,
    without_past="Buyers alone have one, and few of them bought before the start as well.",
    sql="""\
SELECT variant, avg(hours) AS value
FROM (
  SELECT shopper, variant, min(extract(epoch FROM moment - first)) / 3600 AS hours
  FROM shoppers JOIN acts USING (shopper) WHERE type = 'purchase'
  GROUP BY shopper, variant)
GROUP BY variant""",
)
