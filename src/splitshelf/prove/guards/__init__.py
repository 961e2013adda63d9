"""Checks that can void or qualify a verdict. To add a guard: one file, one line here."""

from collections.abc import Callable

from splitshelf.prove.guards.finding import Evidence, Finding
from splitshelf.prove.guards.multiple_exposures import multiple_exposures
from splitshelf.prove.guards.sample_ratio import sample_ratio

GUARDS: dict[str, Callable[[Evidence], Finding | None]] = {
    "sample_ratio": sample_ratio,
    "multiple_exposures": multiple_exposures,
}
"""name -> check; None says that there is nothing yet to judge by."""
