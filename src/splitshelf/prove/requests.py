"""What an analyst asks of a table: `NAME:KIND[:COL[/COL]]`, and all the rest."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from splitshelf.core.errors import InputError, UnknownName

KINDS = ("proportion", "mean", "ratio", "quantile")


@dataclass(frozen=True, slots=True)
class OutcomeRequest:
    """One outcome to be compared."""

    name: str
    kind: str
    """One of KINDS."""
    column: str
    """Of a ratio the numerator."""
    denominator: str | None = None
    """Of a ratio; None divides by the number of rows."""
    quantile: float = 0.5
    higher_is_better: bool = True


@dataclass(frozen=True, slots=True)
class Analysis:
    """What is to be analysed, and how."""

    path: Path
    unit: str
    """The column that names the shopper, or whoever was assigned; one row a unit, or many."""
    variant: str
    control: str
    outcomes: Sequence[OutcomeRequest]
    """The first one decides."""
    covariate: str | None = None
    """A column known before the experiment, one value a unit, for CUPED."""
    alpha: float = 0.05
    split: Mapping[str, float] | None = None
    """Variant -> the share it should have; even where not given."""
    segments: Sequence[str] = ()
    """Columns known before the experiment, by whose values units are also told apart."""
    time: str | None = None
    """The column that says when; one row a unit: when it was assigned, many: when each happened."""
    cap: float = 0.0
    """Means and ratios count no more than this quantile of what is above 0 in all variants
    together; 0 caps nothing."""
    guardrails: Mapping[str, float] = field(default_factory=dict)
    """Outcomes that must not suffer, and the relative loss that is still accepted."""


def check(analysis: Analysis) -> None:
    """Raise InputError for the first thing that is wrong with the question itself."""
    if not analysis.outcomes:
        raise InputError("There is no outcome to compare: give at least one.")
    if not 0 < analysis.alpha < 0.5:
        raise InputError(f"alpha is {analysis.alpha}; it must be above 0 and below 0.5.")
    if not 0 <= analysis.cap < 1:
        raise InputError(f"cap is {analysis.cap}; it must be a quantile such as 0.99, or 0.")
    names = [outcome.name for outcome in analysis.outcomes]
    if len(set(names)) < len(names):
        raise InputError(f"The outcomes {names} must have different names.")
    for name in analysis.guardrails:
        if name not in names:
            raise UnknownName("outcome of this call", name, names)
        if name == names[0]:
            raise InputError(f"'{name}' decides, so it cannot be a guardrail as well.")


def turned(outcomes: Sequence[OutcomeRequest], lower: Collection[str]) -> list[OutcomeRequest]:
    """The outcomes, those of `lower` better when they are lower; raises UnknownName."""
    names = [outcome.name for outcome in outcomes]
    for name in lower:
        if name not in names:
            raise UnknownName("outcome of this call", name, names)
    return [replace(one, higher_is_better=one.name not in lower) for one in outcomes]


def parse_split(texts: Sequence[str]) -> dict[str, float] | None:
    """The shares in texts like `control=0.9`; None where there are none."""
    return _parse(texts, "Split", "VARIANT=SHARE, as in control=0.5") or None


def parse_guardrails(texts: Sequence[str]) -> dict[str, float]:
    """The margins in texts like `revenue=0.02`."""
    return _parse(texts, "Guardrail", "OUTCOME=LOSS, as in revenue=0.02")


def _parse(texts: Sequence[str], what: str, form: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for text in texts:
        name, _, number = text.rpartition("=")
        if not name or not _positive(number):
            raise InputError(f"{what} '{text}' must be {form}.")
        found[name] = float(number)
    return found


def _positive(text: str) -> bool:
    try:
        return 0 < float(text) < math.inf
    except ValueError:
        return False


def parse_outcome(text: str) -> OutcomeRequest:
    """The request that a text like `aov:ratio:revenue/orders` makes.

    The column is the name where none is given; `p90:quantile@0.9:price` asks for another quantile
    than the median. Raises InputError or UnknownName.

    >>> parse_outcome("aov:ratio:revenue/orders").denominator
    'orders'
    >>> parse_outcome("retention_7:proportion").column
    'retention_7'
    """
    name, _, rest = text.partition(":")
    kind, _, column = rest.partition(":")
    kind, _, level = kind.partition("@")
    if not name or not kind:
        raise InputError(
            f"Outcome '{text}' must be NAME:KIND[:COLUMN[/COLUMN]], as in aov:ratio:revenue/orders."
        )
    if kind not in KINDS:
        raise UnknownName("kind of outcome", kind, KINDS)
    numerator, slash, denominator = (column or name).partition("/")
    if slash and (kind != "ratio" or not denominator):
        raise InputError(f"Outcome '{text}': only a ratio is COLUMN/COLUMN.")
    return OutcomeRequest(name, kind, numerator, denominator or None, _level(text, kind, level))


def _level(text: str, kind: str, level: str) -> float:
    """The quantile asked for: between 0 and 1, the median by default."""
    if not level:
        return 0.5
    try:
        q = float(level)
    except ValueError:
        q = -1.0
    if kind != "quantile" or not 0 < q < 1:
        raise InputError(f"Outcome '{text}': a level belongs to quantile and is like @0.9.")
    return q
