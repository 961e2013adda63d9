"""How a comparison is written and coloured in a table of outcomes."""

import math

from splitshelf.prove.outcomes.outcome import Outcome
from splitshelf.prove.statistics.comparisons import Comparison
from splitshelf.web.words import money, number, percent


def tone_of(outcome: Outcome, comparison: Comparison) -> str:
    """Good, bad or calm, by whether the interval leaves zero out and on which side."""
    if comparison.relative_low > 0:
        return "good" if outcome.higher_is_better else "bad"
    if comparison.relative_high < 0:
        return "bad" if outcome.higher_is_better else "good"
    return "calm"


def is_drawable(comparison: Comparison) -> bool:
    """Whether it has an interval with two ends."""
    ends = (comparison.relative_low, comparison.relative, comparison.relative_high)
    return all(math.isfinite(end) for end in ends)


def shown(value: float, unit: str, currency: str) -> str:
    """A value of an outcome as people write it."""
    known = finite(value)
    if unit == "share":
        return percent(known, 2)
    if unit == "ms":
        return f"{number(known, 2)} ms"
    return money(known, currency) if unit == "money" else number(known, 2)


def finite(value: float) -> float | None:
    """The value; None where the data do not say."""
    return value if math.isfinite(value) else None
