"""Diversity: how many different products a shopper is shown, per place on a shelf."""

import numpy as np

from splitshelf.prove.outcomes.outcome import Outcome

DIVERSITY = Outcome(
    name="diversity",
    title="Diversity shown",
    kind="ratio",
    needs=("distinct", "positions"),
    values=lambda columns: np.column_stack([columns["distinct"], columns["positions"]]),
    definition="Different products shown to a shopper a day, over places shown (delta method).",
    sql="""\
SELECT variant, count(DISTINCT (shopper, CAST(moment AS DATE), product)) / count(*) AS value
FROM (
  SELECT shopper, variant, moment, unnest(products) AS product
  FROM shoppers JOIN slates USING (shopper))
GROUP BY variant""",
)
