"""What is done to imported events before they are stored: one line a step, in this order."""

from typing import Final

from splitshelf.collect.cleaning import duplicates
from splitshelf.collect.cleaning.contract import Step

STEPS: Final[dict[str, Step]] = {
    "duplicates": duplicates.STEP,
}
