"""What an outcome is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from splitshelf.core.arrays import Floats


@dataclass(frozen=True, slots=True)
class Outcome:
    """One thing that an experiment may change, measured per shopper."""

    name: str
    title: str
    """For people, as in "Revenue per shopper"."""
    kind: str
    """A key of `statistics.COMPARISONS`."""
    needs: tuple[str, ...]
    """Names of `columns.COLUMNS`."""
    values: Callable[[Mapping[str, Floats]], Floats]
    """The columns of n shoppers -> float64 [n, 1], or [n, 2] (numerator, denominator) for a ratio;
    rows of nan take no part."""
    definition: str
    """One sentence."""
    unit: str = "share"
    """share, money, count, hours or ms."""
    higher_is_better: bool = True
    without_past: str = ""
    """Why what it was before the start cannot explain a part of it; empty where it can."""
    sql: str = ""
    """The value by variant over the views of `definitions`; empty where only the log can say."""
