"""What an experiment may change. To add an outcome: one file, one line here."""

from splitshelf.prove.outcomes.add_to_cart import ADD_TO_CART
from splitshelf.prove.outcomes.average_order_value import AVERAGE_ORDER_VALUE
from splitshelf.prove.outcomes.click_through import CLICK_THROUGH
from splitshelf.prove.outcomes.conversion import CONVERSION
from splitshelf.prove.outcomes.coverage import COVERAGE
from splitshelf.prove.outcomes.diversity import DIVERSITY
from splitshelf.prove.outcomes.latency import LATENCY
from splitshelf.prove.outcomes.margin_per_shopper import MARGIN_PER_SHOPPER
from splitshelf.prove.outcomes.outcome import Outcome
from splitshelf.prove.outcomes.preference import PREFERENCE
from splitshelf.prove.outcomes.repeat_visit import REPEAT_VISIT
from splitshelf.prove.outcomes.return_rate import RETURN_RATE
from splitshelf.prove.outcomes.revenue_per_shopper import REVENUE_PER_SHOPPER
from splitshelf.prove.outcomes.time_to_purchase import TIME_TO_PURCHASE
from splitshelf.prove.outcomes.units_per_order import UNITS_PER_ORDER

OUTCOMES: dict[str, Outcome] = {
    "conversion": CONVERSION,
    "revenue_per_shopper": REVENUE_PER_SHOPPER,
    "click_through": CLICK_THROUGH,
    "add_to_cart": ADD_TO_CART,
    "average_order_value": AVERAGE_ORDER_VALUE,
    "units_per_order": UNITS_PER_ORDER,
    "margin_per_shopper": MARGIN_PER_SHOPPER,
    "return_rate": RETURN_RATE,
    "repeat_visit": REPEAT_VISIT,
    "time_to_purchase": TIME_TO_PURCHASE,
    "coverage": COVERAGE,
    "diversity": DIVERSITY,
    "latency": LATENCY,
}
"""name -> outcome; the names are what an experiment's `outcomes` may hold."""

MEASURED: dict[str, Outcome] = {**OUTCOMES, "preference": PREFERENCE}
"""Those, and what only interleaved shelves can say."""
