"""Bots: found by what they do or say, never by what they were shown, so no experiment is skewed.

All events of a found shopper go. Impressions do not count as acts: a page shows many at once.
"""

from splitshelf.collect.cleaning.contract import Step

_AGENTS = (
    "bot|crawl|spider|slurp|headless|phantomjs|selenium|puppeteer|playwright|python-requests"
    "|python-urllib|curl/|wget/|go-http-client|scrapy|lighthouse|pingdom|uptime"
)
_BROWSING = "type IN ('view', 'click', 'search')"

STEP = Step(
    title="bots left out",
    drops=(
        (
            "a browser that says it is a machine",
            f"""SELECT seq FROM kept SEMI JOIN (
                    SELECT shopper FROM kept
                    WHERE regexp_matches(lower(context->>'agent'), '{_AGENTS}')
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
            "half of its steps took less than half a second",
            f"""SELECT seq FROM kept SEMI JOIN (
                    SELECT shopper FROM (
                        SELECT shopper, epoch_ms("at") - lag(epoch_ms("at"))
                            OVER (PARTITION BY shopper ORDER BY "at", seq) AS gap
                        FROM kept WHERE {_BROWSING}
                            AND extract(microseconds FROM "at") % 1000000 > 0
                    ) GROUP BY shopper HAVING count(gap) >= 20 AND median(gap) < 500
                ) USING (shopper)""",  # noqa: S608 (constants)
        ),
    ),
)
