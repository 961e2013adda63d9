"""Duplicates: the same id twice, or the same content twice where nothing says it was two things.

A line of an order that repeats exactly is kept: a till may scan a product twice.
"""

from splitshelf.collect.cleaning.contract import Step

STEP = Step(
    title="duplicates removed",
    prepare="""
        INSERT INTO copies
        SELECT seq, copy FROM (
            SELECT seq, row_number() OVER (PARTITION BY file, id ORDER BY seq) AS copy FROM kept
            SEMI JOIN (
                SELECT id FROM kept WHERE NOT named GROUP BY id HAVING count(*) > 1
            ) USING (id)
        ) WHERE copy > 1
    """,
    drops=(
        (
            "the same id as an earlier event",
            """SELECT seq FROM kept WHERE named
               QUALIFY row_number() OVER (PARTITION BY id ORDER BY seq) > 1""",
        ),
        (
            "the same event a second time",
            """SELECT seq FROM copies SEMI JOIN (SELECT seq FROM kept WHERE "order" IS NULL)
               USING (seq)""",
        ),
        (
            "the same line in two files",
            """SELECT seq FROM kept LEFT JOIN copies USING (seq) WHERE NOT named
               QUALIFY row_number() OVER (PARTITION BY id, coalesce(copy, 1) ORDER BY seq) > 1""",
        ),
    ),
    remarks=(
        (
            (
                "[n] lines repeat another line of their order exactly: kept, since an order may"
                " list a product twice."
            ),
            "SELECT count(*) FROM copies SEMI JOIN kept USING (seq)",
        ),
    ),
)
