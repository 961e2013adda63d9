"""Bots: found by what they do or say, never by what they were shown, so no experiment is skewed.

The rules of `core.machines`, as SQL over what is staged. All events of a found shopper go.
"""

from splitshelf.collect.cleaning.contract import Step
from splitshelf.core.clock import DAY
from splitshelf.core.machines import AGENTS, BROWSING, MARK, QUICK, STEPS

_BROWSING = f"type IN ({', '.join(repr(str(kind)) for kind in BROWSING)})"

STEP = Step(
    title="bots left out",
    drops=(
        (
            "a browser that says it is a machine",
            f"""SELECT seq FROM kept SEMI JOIN (
                    SELECT shopper FROM kept
                    WHERE regexp_matches(lower(context->>'agent'), '{AGENTS}')
                        OR (context->'{MARK}')::VARCHAR = 'true'
                ) USING (shopper)""",  # noqa: S608 (constants)
        ),
        (
            "more views in a minute than a person can make",
            f"""SELECT seq FROM kept SEMI JOIN (
                    SELECT shopper FROM kept WHERE {_BROWSING}
                    GROUP BY shopper, date_trunc('minute', "at")
                    HAVING count(*) > {{bot_views_per_minute}}
                ) USING (shopper)""",  # noqa: S608 (constants)
        ),
        (
            "half of its steps on a day took less than half a second",
            f"""SELECT seq FROM kept SEMI JOIN (
                    SELECT shopper FROM (
                        SELECT shopper, epoch_us("at") // {DAY} AS day, epoch_ms("at") - lag(
                            epoch_ms("at")) OVER (PARTITION BY shopper, day ORDER BY "at") AS gap
                        FROM kept WHERE {_BROWSING}
                            AND extract(microseconds FROM "at") % 1000000 > 0
                    ) GROUP BY shopper, day
                    HAVING count(gap) >= {STEPS} AND median(gap) < {QUICK}
                ) USING (shopper)""",  # noqa: S608 (constants)
        ),
    ),
)
