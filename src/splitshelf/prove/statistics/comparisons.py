"""What a comparison of two arms says, and the Welch test that most of them end in."""

import math
from dataclasses import dataclass

import msgspec
from scipy import special

from splitshelf.prove.statistics.relative import fieller

NAN = math.nan


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """A variant against the control; nan (null in JSON) where the data do not say."""

    control: float
    """The outcome of the control."""
    value: float
    """The outcome of the variant."""
    difference: float
    """value - control."""
    low: float
    """The lower end of the 1 - alpha interval of the difference."""
    high: float
    relative: float
    """value / control - 1."""
    relative_low: float = NAN
    """Of the relative difference; excludes 0 exactly when p < alpha."""
    relative_high: float = NAN
    statistic: float
    """z or t."""
    p: float
    """Two-sided, of the absolute difference."""
    error: float
    """The standard error behind the interval of the difference."""


@dataclass(frozen=True, slots=True)
class Arm:
    """An estimate of one arm: all that a Welch test asks for."""

    value: float
    variance: float
    """Of one unit; the estimate's own variance is variance / n."""
    n: int

    @property
    def error(self) -> float:
        """The standard error of the estimate; nan without units."""
        return math.sqrt(self.variance / self.n) if self.n else NAN


def relative(value: float, control: float) -> float:
    """The relative difference, value / control - 1; nan where the control is zero."""
    return value / control - 1 if control else NAN


def silent(value: float, control: float) -> Comparison:
    """The comparison of arms too small or too constant to test: no interval, no p."""
    return Comparison(
        control=control,
        value=value,
        difference=value - control,
        low=NAN,
        high=NAN,
        relative=relative(value, control),
        statistic=NAN,
        p=NAN,
        error=NAN,
    )


def freedom(control: Arm, treatment: Arm) -> float:
    """Welch and Satterthwaite's degrees of freedom."""
    a, b = control.variance / control.n, treatment.variance / treatment.n
    return (a + b) ** 2 / (a**2 / (control.n - 1) + b**2 / (treatment.n - 1))


def welch(control: Arm, treatment: Arm, alpha: float) -> Comparison:
    """The comparison of two independent arms by Welch's t; Fieller's interval for the ratio.

    Below two units an arm, or without any variance, it has no interval and no p.
    """
    error = math.hypot(control.error, treatment.error)
    if min(control.n, treatment.n) < 2 or not error > 0:
        return silent(treatment.value, control.value)
    difference = treatment.value - control.value
    df = freedom(control, treatment)
    critical = float(-special.stdtrit(df, alpha / 2))
    low, high = fieller(
        control.value, treatment.value, control.error, treatment.error, critical=critical
    )
    return Comparison(
        control=control.value,
        value=treatment.value,
        difference=difference,
        low=difference - critical * error,
        high=difference + critical * error,
        relative=relative(treatment.value, control.value),
        relative_low=low,
        relative_high=high,
        statistic=difference / error,
        p=float(2 * special.stdtr(df, -abs(difference / error))),
        error=error,
    )
