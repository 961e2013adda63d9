"""Checks that can void or qualify a verdict. To add a guard: one file, one line here."""

from collections.abc import Callable

from splitshelf.prove.guards.bots import bots
from splitshelf.prove.guards.carry_over import carry_over
from splitshelf.prove.guards.changed_weights import changed_weights
from splitshelf.prove.guards.delayed import delayed
from splitshelf.prove.guards.finding import Evidence, Finding
from splitshelf.prove.guards.frozen_plan import frozen_plan
from splitshelf.prove.guards.instrumentation import instrumentation
from splitshelf.prove.guards.interactions import interactions
from splitshelf.prove.guards.interference import interference
from splitshelf.prove.guards.multiple_exposures import multiple_exposures
from splitshelf.prove.guards.novelty import novelty
from splitshelf.prove.guards.outliers import outliers
from splitshelf.prove.guards.sample_ratio import sample_ratio
from splitshelf.prove.guards.self_check import self_check
from splitshelf.prove.guards.sequential_sample_ratio import sequential_sample_ratio
from splitshelf.prove.guards.twyman import twyman

GUARDS: dict[str, Callable[[Evidence], Finding | None]] = {
    "sample_ratio": sample_ratio,
    "sequential_sample_ratio": sequential_sample_ratio,
    "multiple_exposures": multiple_exposures,
    "bots": bots,
    "outliers": outliers,
    "carry_over": carry_over,
    "novelty": novelty,
    "delayed": delayed,
    "instrumentation": instrumentation,
    "interactions": interactions,
    "interference": interference,
    "twyman": twyman,
    "self_check": self_check,
    "frozen_plan": frozen_plan,
    "changed_weights": changed_weights,
}
"""name -> check; None says that there is nothing yet to judge by."""
