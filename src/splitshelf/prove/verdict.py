"""What an experiment says: one object that is the JSON, the page and the text."""

from datetime import datetime
from enum import StrEnum

import msgspec

from splitshelf.prove.guards.finding import Finding
from splitshelf.prove.looks import Look
from splitshelf.prove.measuring import Adjustment
from splitshelf.prove.segments import Split
from splitshelf.prove.statistics.comparisons import Comparison
from splitshelf.prove.tallies import DayEffect


class Decision(StrEnum):
    """What to do."""

    SHIP = "ship"
    """A variant is better: give it to everybody."""
    KEEP = "keep"
    """The control is better, or a finished plan found no gain: keep it."""
    TEST = "test"
    """Shoppers like a variant better on interleaved shelves: an experiment shall say what it
    earns."""
    PAYS = "pays"
    """By the holdout, all of it together earns more than none of it."""
    UNDECIDED = "undecided"
    """Too early, or too little, to tell."""
    VOID = "void"
    """A guard failed: there is no verdict."""


class Method(StrEnum):
    """By which right the primary outcome may be called significant."""

    PLANNED = "planned looks"
    """O'Brien-Fleming spending over the looks of the plan."""
    ALWAYS_VALID = "always valid"
    """A confidence sequence: look whenever you like."""
    ONE_LOOK = "one look"
    """A fixed test, for data that are complete."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How one variant stands against the control in the primary outcome, by the method."""

    low: float
    """The interval of the difference that the decision rests on; nan where it says nothing."""
    high: float
    significant: bool
    better: bool
    """Whether the difference, significant or not, is in the wanted direction."""
    chance_to_win: float | None = None
    """How likely it is that the variant is better at all, under a flat prior."""


class Guardrail(msgspec.Struct, frozen=True, kw_only=True):
    """Whether an outcome that must not suffer is shown not to."""

    margin: float
    """The relative loss that is accepted."""
    safe: bool
    """Whether a loss as large as the margin is ruled out, one-sided at alpha."""
    harmed: bool
    """Whether a loss of any size is shown."""
    p: float
    """Of the hypothesis that the loss is at least the margin."""


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """What all shoppers of a variant together brought more than under the control."""

    value: float
    """In the shop's currency."""
    low: float
    """Of the interval that holds at every look; nan before there is one."""
    high: float
    shoppers: int


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on one experiment at one moment."""

    experiment: str
    at: datetime | None
    decision: Decision
    why: str
    """One sentence for a manager."""
    detail: str
    """One sentence with the numbers, for an analyst."""
    winner: str | None
    """The variant to ship."""
    primary: str
    control: str
    alpha: float
    method: Method
    shoppers: dict[str, int]
    """Variant -> shoppers that count, the control first; of a switchback: its days."""
    outcomes: dict[str, dict[str, Comparison]]
    """Outcome -> variant -> comparison; fixed intervals, for reading, not for stopping."""
    standings: dict[str, Standing]
    """Variant -> how it stands in the primary outcome."""
    guardrails: dict[str, dict[str, Guardrail]]
    """Outcome -> variant -> whether it is safe."""
    guards: dict[str, Finding]
    adjusted: dict[str, dict[str, float]] = {}
    """Outcome -> variant -> p among many: the goals (the primary outcome and the guardrails)
    together by Holm, all others together by Benjamini and Hochberg."""
    detectable: dict[str, dict[str, float]] = {}
    """Outcome -> variant -> the smallest relative effect that a test of this size and spread finds
    in 80 % of cases."""
    adjustments: dict[str, Adjustment] = {}
    """Outcome -> by what it was adjusted, and how much variance that took; only adjusted ones."""
    looks: tuple[Look, ...] = ()
    days: tuple[DayEffect, ...] = ()
    """The primary outcome day by day."""
    planned_shoppers: int = 0
    unit: str = "shopper"
    """What the tests count: shopper, day in a switchback, unit in somebody else's table."""
    allocation: tuple[dict[str, float], ...] = ()
    """Of a bandit: the share of each variant, day by day; else empty."""
    situations: dict[str, dict[str, float]] = {}
    """Of a bandit with contexts: situation -> variant -> its share today; else empty."""
    dealt: Comparison | None = None
    """Of a bandit with contexts: what dealing as it dealt brought, against the control for all."""
    segments: tuple[Split, ...] = ()
    """Every outcome of every variant by segment, with what may be said after correction."""
    incremental: dict[str, Total] = {}
    """Outcome of money -> what it all earned, by a holdout; else empty."""
