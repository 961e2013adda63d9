"""Returns: a purchase that was given back and its refund, both left out.

The nth refund of a shopper, product and quantity answers the nth such purchase before it.
"""

from splitshelf.collect.cleaning.contract import Step

_NUMBERED = """
    SELECT seq, "at", shopper, product, quantity,
        row_number() OVER (PARTITION BY shopper, product, quantity ORDER BY "at", seq) AS n
    FROM kept WHERE type = '{kind}'
"""

STEP = Step(
    title="returned purchases left out, with their refunds",
    drops=(
        (
            "bought and given back",
            f"""WITH bought AS ({_NUMBERED.format(kind="purchase")}),
                    back AS ({_NUMBERED.format(kind="refund")}),
                    pairs AS (
                        SELECT bought.seq AS one, back.seq AS other
                        FROM bought JOIN back USING (shopper, product, quantity, n)
                        WHERE bought."at" <= back."at"
                    )
                SELECT one AS seq FROM pairs UNION ALL SELECT other FROM pairs""",  # noqa: S608 (constants)
        ),
    ),
)
