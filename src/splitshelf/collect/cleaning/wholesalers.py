"""Wholesalers: shoppers whose spending lies far above the others', measured robustly.

The deviation is 1.4826 times the median absolute deviation of the logarithm of spending, which
estimates a normal distribution's standard deviation and which the outliers cannot stretch.
"""

from splitshelf.collect.cleaning.contract import Step

STEP = Step(
    title="wholesalers left out",
    drops=(
        (
            "a shopper who spends as no private person does",
            """WITH spent AS (
                   SELECT shopper, ln(sum(price * quantity)) AS amount FROM kept
                   WHERE type = 'purchase' AND price > 0 GROUP BY shopper
               ), usual AS (SELECT median(amount) AS middle, mad(amount) AS spread FROM spent)
               SELECT seq FROM kept SEMI JOIN (
                   SELECT shopper FROM spent, usual
                   WHERE amount > middle + {wholesale_deviations} * 1.4826 * spread
               ) USING (shopper)""",
        ),
    ),
)
