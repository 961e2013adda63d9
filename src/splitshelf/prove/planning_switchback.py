"""How many days a switchback needs, from how much the shop's own days differ from their neighbours.

Only the noise between neighbours counts: what a week or a season does to both days of a pair falls
out of their difference, but for what changes from one day to the next.
"""

import math
from datetime import datetime

import msgspec
import numpy as np
from scipy import special, stats

from splitshelf.core.arrays import Floats
from splitshelf.core.days import day_bounds, local_day
from splitshelf.core.errors import InputError
from splitshelf.core.protocols import Store
from splitshelf.prove.outcomes import OUTCOMES
from splitshelf.prove.planning import TOO_LONG, Wish, check_wish, shoppers_between
from splitshelf.prove.statistics import ARMS
from splitshelf.prove.summaries import summarise

FEWEST = 8
"""Days below which neither a plan nor a switchback is made."""
MOST = 20_000
"""Pairs beyond which nobody counts."""
CERTAIN = 30.0
"""Standard errors at which an effect is found for sure, whatever the degrees of freedom."""


class SwitchbackPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What it takes to see an effect by comparing days."""

    outcome: str
    history_days: int
    base: float
    """The outcome of a mean day."""
    noise: float
    """The standard deviation of the difference of two neighbouring days."""
    effect: float
    """The relative effect to be found."""
    alpha: float
    power: float
    days: int
    """An even number: what `experiment start --days` takes."""
    smallest_effect: dict[str, float]
    """Weeks -> the smallest relative effect that so much time would show."""
    advice: str
    """One honest sentence."""


def plan_switchback(
    wish: Wish, store: Store, now: datetime, zone: str, days: int = 28
) -> SwitchbackPlan:
    """The plan that follows from the last whole days of the log; raises InputError for too few."""
    check_wish(wish)
    values = daily_values(wish.outcome, store, now, zone, days)
    base, noise = float(values.mean()), neighbour_noise(values)
    if not noise > 0 or not base:
        raise InputError(
            f"The last {days} days have no {OUTCOMES[wish.outcome].title.lower()} that varies, so "
            "there is nothing to plan with: import or collect more events first."
        )
    pairs = pairs_needed(abs(wish.effect * base) / noise, wish.alpha, wish.power)
    smallest = {
        str(week): effect_found(7 * week // 2, wish.alpha, wish.power) * noise / abs(base)
        for week in (2, 4, 8, TOO_LONG // 7)
    }
    return SwitchbackPlan(
        outcome=wish.outcome,
        history_days=len(values),
        base=base,
        noise=noise,
        effect=wish.effect,
        alpha=wish.alpha,
        power=wish.power,
        days=2 * pairs,
        smallest_effect=smallest,
        advice=_advise(2 * pairs, wish, smallest),
    )


def daily_values(outcome: str, store: Store, now: datetime, zone: str, days: int) -> Floats:
    """The outcome of each of the last whole days that had shoppers, float64 [n]."""
    today, one = local_day(now, zone), OUTCOMES[outcome]
    values = []
    for day in range(today - days, today):
        seen = shoppers_between(outcome, store, *day_bounds(day, zone)).columns
        known = summarise(one.values(seen))
        value = ARMS[one.kind](known).value if known.n else math.nan
        if math.isfinite(value):
            values.append(value)
    if len(values) < FEWEST:
        raise InputError(
            f"Of the last {days} days {len(values)} have a value; a switchback is planned from at "
            f"least {FEWEST}: import or collect more events first."
        )
    return np.array(values)


def neighbour_noise(values: Floats) -> float:
    """The root mean square of the differences of neighbouring days: a coin says their sign."""
    return float(np.sqrt(np.mean(np.diff(values) ** 2)))


def power_of(pairs: int, ratio: float, alpha: float) -> float:
    """The power of the paired t, for an effect of `ratio` standard deviations of a difference.

    >>> round(power_of(34, 0.5, 0.05), 3)
    0.808
    """
    freedom, shift = pairs - 1, ratio * math.sqrt(pairs)
    limit = -float(special.stdtrit(freedom, alpha / 2))
    shifted = stats.nct(freedom, shift)
    wrong = float(shifted.cdf(-limit))  # the other direction: scipy has nan for it where it is 0
    return float(shifted.sf(limit)) + (0.0 if math.isnan(wrong) else wrong)


def pairs_needed(ratio: float, alpha: float, power: float) -> int:
    """The fewest pairs with such a power, at least four; `MOST` where it takes more."""
    low, high = FEWEST // 2, MOST
    while low < high:
        middle = (low + high) // 2
        if ratio * math.sqrt(middle) > CERTAIN or power_of(middle, ratio, alpha) >= power:
            high = middle
        else:
            low = middle + 1
    return low


def effect_found(pairs: int, alpha: float, power: float) -> float:
    """The effect that so many pairs find, in standard deviations of a difference."""
    low, high = 0.0, CERTAIN / math.sqrt(pairs)
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if power_of(pairs, middle, alpha) >= power else (middle, high)
    return high


def _advise(days: int, wish: Wish, smallest: dict[str, float]) -> str:
    if days <= TOO_LONG:
        return (
            f"Switch for {days} days: an effect of {wish.effect:.1%} is then found in "
            f"{wish.power:.0%} of tests. The unit is the day, so more shoppers do not shorten it."
        )
    weeks = str(TOO_LONG // 7)
    return (
        f"The days of this shop differ too much for that question: it would take {days:,} of them. "
        f"Look for an effect of {smallest[weeks]:.0%}, which {weeks} weeks would show, or give the "
        "shelf more stock and split by shopper."
    )
