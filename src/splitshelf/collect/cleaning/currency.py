"""Currency: prices in the shop's own, by the rates in the settings."""

from splitshelf.collect.cleaning.contract import Step

STEP = Step(
    title="prices converted into the shop's currency",
    edits=(
        (
            "price converted",
            """SELECT seq, json_object('price', round(price * rate, 4)::VARCHAR,
                   'currency', '{shop_currency}') AS patch
               FROM kept JOIN rates USING (currency) WHERE price IS NOT NULL""",
        ),
    ),
    remarks=(
        (
            (
                "[n] prices are in a currency that has no rate in [cleaning] rates: they are"
                " kept as they are, and sums of money will mix currencies."
            ),
            """SELECT count(*) FROM kept ANTI JOIN rates USING (currency)
               WHERE price IS NOT NULL AND currency <> '{shop_currency}'""",
        ),
    ),
)
