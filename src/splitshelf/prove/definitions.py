"""What is measured, as SQL that an analyst can run over the log: shared views, then one query each.

The SQL of an outcome (`Outcome.sql`) gives its value by variant before anything is capped or
adjusted. It runs as it is in DuckDB over three tables: events(moment, type, shopper, product,
quantity, price, "order", exposure), exposures(id, moment, shopper, experiment, variant, took,
products) and products(id, cost); moments are UTC, `products` of an exposure is the list of what
stood on it, and `shopper` is the person where ids are linked.
"""

from datetime import UTC, datetime, timedelta

from splitshelf.core.experiments import Experiment
from splitshelf.prove.aggregation import BUSIEST

VIEWS = """\
CREATE VIEW shown AS  -- every slate of the experiment
SELECT * FROM exposures WHERE experiment = {name} AND variant IN ({variants}) AND moment < {until};
CREATE VIEW people AS  -- everybody in it, by the variant first shown
SELECT shopper, arg_min(variant, moment) AS variant, min(moment) AS first,
  count(DISTINCT variant) AS variants
FROM shown GROUP BY shopper;
CREATE VIEW slates AS  -- what each was shown, within the window
SELECT shown.* EXCLUDE (variant) FROM shown JOIN people USING (shopper) WHERE {window};
CREATE VIEW acts AS  -- what each did from the first exposure on, within the window
SELECT events.* FROM events JOIN people USING (shopper)
WHERE moment >= first AND moment < {until} AND {window};
CREATE VIEW machines AS  -- who has more slates and acts on one day than any shopper
SELECT shopper FROM (
  SELECT shopper, moment FROM slates
  UNION ALL SELECT shopper, moment FROM acts WHERE type <> 'impression')
GROUP BY shopper, CAST(moment AS DATE) HAVING count(*) > {busiest};
CREATE VIEW shoppers AS  -- who counts
SELECT shopper, variant, first FROM people
WHERE variants = 1 AND {ripe} AND shopper NOT IN (SELECT shopper FROM machines);
"""


def views(experiment: Experiment, until: datetime) -> str:
    """The statements that make the views which every outcome's SQL reads."""
    days = f"INTERVAL {experiment.window_days} DAY"
    if experiment.stopped is not None:
        until = min(until, experiment.stopped + timedelta(days=experiment.window_days))
    end = f"TIMESTAMP '{until.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}'"
    return VIEWS.format(
        name=_quoted(experiment.id),
        variants=", ".join(_quoted(variant.name) for variant in experiment.variants),
        until=end,
        window=f"moment < first + {days}" if experiment.window_days else "TRUE",
        ripe=f"first + {days} <= {end}" if experiment.window_days else "TRUE",
        busiest=int(BUSIEST),
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
