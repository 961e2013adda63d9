"""Power: how many shoppers it takes to see an effect, and what can be seen with those one has."""

import math
from collections.abc import Callable

from scipy import optimize, special, stats


def mean_power(n: float, variance: float, effect: float, alpha: float = 0.05) -> float:
    """The power of Welch's t with n units in all, halved, for an absolute effect.

    `variance` is that of one unit, equal in both arms; ratios and CUPED give theirs by their arms.
    """
    error = math.sqrt(4 * variance / n)
    freedom = n - 2
    critical = float(-special.stdtrit(freedom, alpha / 2))
    shifted = stats.nct(freedom, effect / error)
    wrong = float(shifted.cdf(-critical))  # the other direction: below 1e-20, scipy has nan for it
    return float(shifted.sf(critical)) + (0.0 if math.isnan(wrong) else wrong)


def mean_effect(n: float, variance: float, alpha: float = 0.05, power: float = 0.8) -> float:
    """The smallest absolute effect that n units in all show with that power."""
    scale = math.sqrt(4 * variance / n)
    far = 2 * (_z(alpha / 2) + _z(1 - power) + 1) * scale
    return _root(lambda effect: mean_power(n, variance, effect, alpha) - power, 0.0, far)


def mean_units(variance: float, effect: float, alpha: float = 0.05, power: float = 0.8) -> float:
    """How many units in all show an absolute effect with that power."""
    about = 4 * variance * (_z(alpha / 2) + _z(1 - power)) ** 2 / effect**2
    return _root(
        lambda n: mean_power(n, variance, effect, alpha) - power, 4.0, max(4 * about, 40.0)
    )


def share_units(
    control: float, treatment: float, alpha: float = 0.05, power: float = 0.8, *, null: str = "own"
) -> float:
    """How many units an arm tell two shares apart.

    `null` says by which variance the test is scaled: "own" (both shares, unpooled), "control"
    (twice the control's, as Evan Miller's calculator has it) or "arcsine" (one that does not depend
    on the shares: Cohen's h, as statsmodels has it).
    """
    if null == "arcsine":
        h = 2 * (math.asin(math.sqrt(treatment)) - math.asin(math.sqrt(control)))
        return 2 * (_drift(alpha, power) / h) ** 2
    own = control * (1 - control) + treatment * (1 - treatment)
    scaled = 2 * control * (1 - control) if null == "control" else own
    reach = _z(alpha / 2) * math.sqrt(scaled) + _z(1 - power) * math.sqrt(own)
    return (reach / (treatment - control)) ** 2


def _drift(alpha: float, power: float) -> float:
    """How far z must be moved for so much power, both directions counted."""
    edge = _z(alpha / 2)

    def excess(drift: float) -> float:
        return float(special.ndtr(drift - edge) + special.ndtr(-drift - edge)) - power

    return _root(excess, 0.0, edge + _z(1 - power) + 1)


def _z(tail: float) -> float:
    return float(-special.ndtri(tail))


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    return float(optimize.root_scalar(function, bracket=(low, high), xtol=1e-12).root)


def detectable(error: float, alpha: float, power: float = 0.8) -> float:
    """The smallest difference that a test with such a standard error finds in `power` of tests.

    >>> round(detectable(1.0, 0.05), 3)
    2.802
    """
    return float(special.ndtri(1 - alpha / 2) + special.ndtri(power)) * error
