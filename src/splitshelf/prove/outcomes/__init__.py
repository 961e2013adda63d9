"""What an experiment may change. To add an outcome: one file, one line here."""

from splitshelf.prove.outcomes.click_through import CLICK_THROUGH
from splitshelf.prove.outcomes.conversion import CONVERSION
from splitshelf.prove.outcomes.outcome import Outcome
from splitshelf.prove.outcomes.revenue_per_shopper import REVENUE_PER_SHOPPER

OUTCOMES: dict[str, Outcome] = {
    "conversion": CONVERSION,
    "revenue_per_shopper": REVENUE_PER_SHOPPER,
    "click_through": CLICK_THROUGH,
}
"""name -> outcome; the names are what an experiment's `outcomes` may hold."""
