"""What is done to imported events before they are stored: one line a step, in this order.

Each is switched by the setting of its name in `[cleaning]`.
"""

from typing import Final

from splitshelf.collect.cleaning import (
    bots,
    core,
    currency,
    duplicates,
    dwell,
    returns,
    test_orders,
    wholesalers,
)
from splitshelf.collect.cleaning.contract import Step

STEPS: Final[dict[str, Step]] = {
    "duplicates": duplicates.STEP,
    "test_orders": test_orders.STEP,
    "bots": bots.STEP,
    "wholesalers": wholesalers.STEP,
    "returns": returns.STEP,
    "currency": currency.STEP,
    "dwell": dwell.STEP,
    "core": core.STEP,
}
