"""Coverage: how much of the catalogue a shopper gets to see."""

import numpy as np

from splitshelf.prove.outcomes.outcome import Outcome

COVERAGE = Outcome(
    name="coverage",
    title="Coverage shown",
    kind="mean",
    needs=("distinct",),
    values=lambda columns: np.asarray(columns["distinct"], dtype=np.float64)[:, np.newaxis],
    definition="Different products shown to a shopper a day, summed over days, over all shoppers.",
    sql="""\
SELECT variant,
  count(DISTINCT (shopper, CAST(moment AS DATE), product)) / count(DISTINCT shopper) AS value
FROM (
  SELECT shopper, variant, moment, unnest(products) AS product
  FROM shoppers JOIN slates USING (shopper))
GROUP BY variant""",
)
