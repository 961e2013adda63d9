"""What is measured, as SQL that an analyst can run over the log: shared views, then one query each.

The SQL of an outcome (`Outcome.sql`) gives its value by variant before anything is capped or
adjusted. It runs as it is in DuckDB over three tables: events(moment, type, shopper, product,
quantity, price, "order", exposure, bot), exposures(id, moment, shopper, experiment, variant, took,
products) and products(id, cost); moments are UTC, `products` of an exposure is the list of what
stood on it, `bot` says whether an event names a machine as its sender (core.machines), and
`shopper` is the person where ids are linked.
"""

from datetime import UTC, datetime, timedelta

from splitshelf.core.experiments import Experiment
from splitshelf.core.machines import BROWSING, QUICK, STEPS
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
CREATE VIEW seen AS  -- what each did from the day of the first exposure on, within the window
SELECT events.* FROM events JOIN people USING (shopper)
WHERE CAST(moment AS DATE) >= CAST(first AS DATE) AND moment < {until} AND {window};
CREATE VIEW steps AS  -- milliseconds between two looks on one day
SELECT shopper, CAST(moment AS DATE) AS day, epoch_ms(moment)
  - lag(epoch_ms(moment)) OVER (PARTITION BY shopper, day ORDER BY moment) AS gap
FROM seen WHERE type IN ({browsing}) AND extract(microseconds FROM moment) % 1000000 > 0;
CREATE VIEW machines AS  -- who says so, or acts as no person can
SELECT shopper FROM (
  SELECT shopper, moment FROM slates
  UNION ALL SELECT shopper, moment FROM acts WHERE type <> 'impression')
GROUP BY shopper, CAST(moment AS DATE) HAVING count(*) > {busiest}
UNION SELECT shopper FROM seen WHERE bot AND {rate} > 0
UNION SELECT shopper FROM seen WHERE type IN ({browsing})
GROUP BY shopper, date_trunc('minute', moment) HAVING {rate} > 0 AND count(*) > {rate}
UNION SELECT shopper FROM steps
GROUP BY shopper, day HAVING {rate} > 0 AND count(gap) >= {steps} AND median(gap) < {quick};
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
        browsing=", ".join(_quoted(kind) for kind in BROWSING),
        rate=experiment.bot_views_per_minute,
        steps=STEPS,
        quick=QUICK,
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
