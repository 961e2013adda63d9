"""Repeat visit: the share of shoppers who are active on a second day."""

import numpy as np

from splitshelf.prove.outcomes.outcome import Outcome

REPEAT_VISIT = Outcome(
    name="repeat_visit",
    title="Repeat visit",
    kind="proportion",
    needs=("active_days",),
    values=lambda columns: (columns["active_days"] >= 2).astype(np.float64)[:, np.newaxis],
    definition="Shoppers with an act (no mere impression) on two days or more, over all shoppers.",
    sql="""\
SELECT variant, avg(CASE WHEN days >= 2 THEN 1 ELSE 0 END) AS value
FROM (
  SELECT shopper, variant,
    count(DISTINCT CAST(moment AS DATE)) FILTER (WHERE type <> 'impression') AS days
  FROM shoppers LEFT JOIN acts USING (shopper)
  GROUP BY shopper, variant)
GROUP BY variant""",
)
