"""What a guard looks at, and what it says."""

from collections.abc import Mapping, Sequence
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
class Interaction:
    """How much another running experiment changes the effect of this one."""

    other: str
    contrast: float
    """The effect under the other's treatment less that under its control."""
    error: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known about an experiment at one moment; a guard reads what it needs."""

    shoppers: Mapping[str, int]
    """Variant -> shoppers, the control first; those of several variants are not among them."""
    weights: Mapping[str, float]
    """Variant -> its share of the assigned shoppers; sums to 1."""
    switched: int = 0
    """Shoppers who were shown more than one variant."""
    primary: str = ""
    outcomes: Mapping[str, Mapping[str, Comparison]] = field(default_factory=dict)
    """Outcome -> variant -> comparison with the control."""
    daily: Sequence[tuple[float, float]] = ()
    """For each whole day: the first variant's difference in the primary outcome, and its error."""
    activity: Sequence[float] = ()
    """For each whole day: the primary outcome over all variants."""
    leverage: float | None = None
    """The largest share that one shopper has in the variance of the primary outcome of an arm; None
    where nobody looked."""
    machines: Mapping[str, int] = field(default_factory=dict)
    """Variant -> those left out as machines; empty where nobody looked."""
    before: Mapping[str, Comparison] = field(default_factory=dict)
    """Variant -> the primary outcome before the start, against the control."""
    interactions: Sequence[Interaction] = ()
    self_check: Comparison | None = None
    """The primary outcome of one half of the control against the other half."""
    delay: float = 0.0
    """Hours in which nine of ten purchases of the oldest shoppers had come."""
    ran: float = 0.0
    """Hours since the start."""
    window: float = 0.0
    """Hours after the first exposure in which events count; 0 without limit."""
    scarce: float | None = None
    """The share of places shown to the variants that held products with little stock; None where
    that is not known."""
    drift: float | None = None
    """The p that stretches of equal weights say what all of it says; None with one stretch."""
    edited: Sequence[str] | None = None
    """Fields of the plan that differ from what was recorded at the start; None without a record."""
