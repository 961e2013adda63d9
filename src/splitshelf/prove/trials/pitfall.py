"""What a trial of a pitfall says, and whether that is what was promised."""

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from splitshelf.core.arrays import Floats
from splitshelf.core.protocols import Rng
from splitshelf.prove.statistics import means
from splitshelf.prove.statistics.comparisons import Comparison
from splitshelf.prove.summaries import Summary

ALPHA = 0.05
SIGMAS = 4.0
"""How many Monte Carlo errors a measured share may lie off."""


class Pitfall(msgspec.Struct, frozen=True, kw_only=True):
    """The share of tests that mislead, or find, without and with the guard."""

    what: str
    """What the two shares count."""
    without: float
    guarded: float
    nominal: float | None = None
    """What the guarded share may be at most, where it is an error rate."""
    least: float | None = None
    """What it must reach, where it is a power: that of the published table."""
    expected: float | None = None
    """What it should be, where it is neither."""
    error: float = 0.0
    """The Monte Carlo error of `guarded`."""

    @property
    def holds(self) -> bool:
        """Whether the guarded figure is as promised, to within Monte Carlo error."""
        slack = SIGMAS * self.error
        return (
            (self.nominal is None or self.guarded <= self.nominal + slack)
            and (self.least is None or self.guarded >= self.least - slack)
            and (self.expected is None or abs(self.guarded - self.expected) <= slack)
        )


Trial: TypeAlias = Callable[[Rng, int], Pitfall]


def rate(
    what: str,
    without: NDArray[np.bool_] | float,
    guarded: NDArray[np.bool_],
    *,
    nominal: float | None = None,
    least: float | None = None,
    expected: float | None = None,
) -> Pitfall:
    """A pitfall whose figures are shares of tests."""
    share = next((one for one in (nominal, least, expected) if one is not None), 0.5)
    spread = max(share * (1 - share), 0.25 / len(guarded))
    return Pitfall(
        what=what,
        without=float(np.mean(without)),
        guarded=float(np.mean(guarded)),
        nominal=nominal,
        least=least,
        expected=expected,
        error=math.sqrt(spread / len(guarded)),
    )


def average(what: str, without: Floats, guarded: Floats, expected: float) -> Pitfall:
    """A pitfall whose figures are means of a measured effect."""
    return Pitfall(
        what=what,
        without=float(without.mean()),
        guarded=float(guarded.mean()),
        expected=expected,
        error=float(guarded.std() / math.sqrt(len(guarded))),
    )


def p_of(
    compare: Callable[[Summary, Summary, float], Comparison], arms: Sequence[Summary]
) -> float:
    """The p of two arms."""
    return compare(arms[0], arms[1], ALPHA).p


def means_p(control: Floats, treatment: Floats) -> float:
    """The p of two samples by Welch's t."""
    return p_of(means.compare, [Summary.of(control), Summary.of(treatment)])
