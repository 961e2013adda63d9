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
                "[n] prices are in [names], which is not the shop's currency and has no rate in"
                " [cleaning] rates: they are kept as they are. If the shop counts in it, say so as"
                " currency under [shop]; else give a rate, or sums of money will mix currencies."
            ),
            """SELECT count(*), string_agg(DISTINCT currency, ', ' ORDER BY currency)
               FROM kept ANTI JOIN rates USING (currency)
               WHERE price IS NOT NULL AND currency <> '{shop_currency}'""",
        ),
    ),
)
