"""Test orders: what says that it is a test, and shoppers and orders named so."""

from splitshelf.collect.cleaning.contract import Step

STEP = Step(
    title="test orders left out",
    drops=(
        (
            "marked as a test",
            "SELECT seq FROM kept WHERE lower(context->>'test') IN ('true', '1', 'yes')",
        ),
        (
            "a shopper or order named test",
            """SELECT seq FROM kept
               WHERE regexp_matches(lower(shopper), '^(test|qa|dummy)([^a-z]|$)')
                  OR regexp_matches(lower("order"), '^(test|qa|dummy)([^a-z]|$)')""",
        ),
    ),
)
