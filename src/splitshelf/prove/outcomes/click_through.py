"""Click-through: the share of slates that lead to a click."""

import numpy as np

from splitshelf.prove.outcomes.outcome import Outcome

CLICK_THROUGH = Outcome(
    name="click_through",
    title="Click-through",
    kind="ratio",
    needs=("clicks", "slates"),
    values=lambda columns: np.column_stack([columns["clicks"], columns["slates"]]),
    definition="Slates with a click or view that names them, over slates shown; a slate counts "
    "once a day, the unit is the shopper (delta method).",
    sql="""\
SELECT variant, coalesce(clicked, 0) / seen AS value
FROM (
  SELECT variant, count(*) AS seen FROM shoppers JOIN slates USING (shopper) GROUP BY variant)
LEFT JOIN (
  SELECT variant, count(DISTINCT (shopper, CAST(moment AS DATE), exposure)) AS clicked
  FROM shoppers JOIN acts USING (shopper)
  WHERE type IN ('click', 'view') AND exposure IN (SELECT id FROM shown)
  GROUP BY variant) USING (variant)""",
)
