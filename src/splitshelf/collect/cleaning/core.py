"""The k-core: only shoppers and products with enough events, again and again until it holds."""

from splitshelf.collect.cleaning.contract import Step

STEP = Step(
    title="rare shoppers and products left out",
    drops=(
        (
            "a shopper with too few events",
            """SELECT seq FROM kept SEMI JOIN (
                   SELECT shopper FROM kept GROUP BY shopper HAVING count(*) < {core_events}
               ) USING (shopper)""",
        ),
        (
            "a product with too few events",
            """SELECT seq FROM kept SEMI JOIN (
                   SELECT product FROM kept WHERE product IS NOT NULL
                   GROUP BY product HAVING count(*) < {core_events}
               ) USING (product)""",
        ),
    ),
    rounds=100,
)
