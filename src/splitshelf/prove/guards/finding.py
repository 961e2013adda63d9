"""What a guard looks at, and what it says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from splitshelf.prove.statistics.comparisons import Comparison


class GuardStatus(StrEnum):
    """How much a finding weighs."""

    OK = "ok"
    WARN = "warn"
    """Read the verdict with this in mind."""
    VOID = "void"
    """There is no verdict."""


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one guard found."""

    status: GuardStatus
    why: str
    """One sentence for a manager."""
    detail: str = ""
    """One sentence with the numbers, for an analyst."""
    p: float | None = None
    statistic: float | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known about an experiment at one moment; a guard reads what it needs."""

    shoppers: Mapping[str, int]
    """Variant -> shoppers, the control first; those of several variants are not among them."""
    weights: Mapping[str, float]
    """Variant -> its share of the assigned shoppers; sums to 1."""
    switched: int = 0
    """Shoppers who were shown more than one variant."""
    outcomes: Mapping[str, Mapping[str, Comparison]] = field(default_factory=dict)
    """Outcome -> variant -> comparison with the control."""
