"""How many shoppers, how many days, which looks: a plan from the shop's own traffic."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
import numpy as np

from splitshelf.core.arrays import Floats, Longs
from splitshelf.core.clock import DAY, microseconds
from splitshelf.core.errors import InputError
from splitshelf.core.experiments import Experiment, Variant
from splitshelf.core.protocols import Store
from splitshelf.prove.aggregation import are_machines
from splitshelf.prove.outcomes import OUTCOMES
from splitshelf.prove.outcomes.outcome import Outcome
from splitshelf.prove.statistics import ARMS, cuped, planned_looks, power
from splitshelf.prove.stretches import Stretch, read_stretch
from splitshelf.prove.summaries import summarise

TOO_LONG = 90
"""Days beyond which a test is not worth its wait."""


class Duration(msgspec.Struct, frozen=True, kw_only=True):
    """What it takes, plain or adjusted by what was before."""

    shoppers: int
    """In all variants together."""
    days: int
    smallest_effect: dict[str, float]
    """Weeks -> the smallest relative effect that so much time would show."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A plan for one outcome."""

    outcome: str
    history_days: int
    shoppers_per_day: float
    """New ones, after the first days' regulars."""
    base: float
    """The outcome today."""
    effect: float
    """The relative effect to be found."""
    alpha: float
    power: float
    looks: tuple[float, ...]
    """The shares of the shoppers at which the plan looks."""
    bounds: tuple[float, ...]
    """How far |z| must lie out at each look."""
    price: float
    """How many times more shoppers the looks cost than one look at the end."""
    plain: Duration
    adjusted: Duration | None
    """With CUPED; None where there is no history to adjust by."""
    correlation: float | None
    """Of the outcome with itself before."""
    advice: str
    """One honest sentence."""


@dataclass(frozen=True, slots=True)
class History:
    """What the log of some days says about the shoppers to come."""

    days: int
    arrivals: Longs
    """int64 [days]: shoppers seen for the first time on each day."""
    now: Mapping[str, Floats]
    """Columns of the later half of the days, of the shoppers seen in it."""
    before: Mapping[str, Floats]
    """The same shoppers' columns of the earlier half."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the plan shall find."""

    outcome: str
    effect: float
    """Relative, as 0.05 for five per cent."""
    alpha: float = 0.05
    power: float = 0.8
    looks: int = 5
    share: float = 1.0
    """Of the shoppers who take part."""


def make_plan(wish: Wish, store: Store, now: datetime, days: int = 28) -> Plan:
    """The plan that follows from the last `days` days of the log; raises InputError for too few."""
    check_wish(wish)
    history = read_history(store, now, days, wish.outcome)
    outcome = OUTCOMES[wish.outcome]
    values = outcome.values(history.now)
    arm = ARMS[outcome.kind](summarise(values))
    if not arm.variance > 0 or arm.value == 0:
        raise InputError(
            f"The log of the last {days} days has no {outcome.title.lower()} to plan with: import "
            "or collect more events first."
        )
    correlation = _correlation(outcome, history)
    price = looks_price(wish.looks, wish.alpha, wish.power)
    plain = _duration(wish, history, arm.value, arm.variance, price)
    adjusted = None
    if correlation is not None:
        left = arm.variance * (1 - correlation**2)
        adjusted = _duration(wish, history, arm.value, left, price)
    fractions = planned_looks.evenly(wish.looks)
    return Plan(
        outcome=wish.outcome,
        history_days=days,
        shoppers_per_day=_per_day(history),
        base=arm.value,
        effect=wish.effect,
        alpha=wish.alpha,
        power=wish.power,
        looks=fractions,
        bounds=planned_looks.bounds(fractions, wish.alpha),
        price=price,
        plain=plain,
        adjusted=adjusted,
        correlation=correlation,
        advice=advise(adjusted or plain, wish),
    )


def advise(duration: Duration, wish: Wish) -> str:
    """What to do with such a duration, honestly."""
    if duration.days <= TOO_LONG:
        return (
            f"Run it for {duration.days} days, in whole weeks, with {duration.shoppers:,} "
            f"shoppers: an effect of {wish.effect:.1%} is then found in {wish.power:.0%} of tests."
        )
    months = duration.days / 30.4
    weeks = str(TOO_LONG // 7)
    within = duration.smallest_effect.get(weeks, math.nan)
    return (
        f"This shop is too small for that question: it would take {months:.0f} months. Interleave "
        f"the two rankings instead, which needs far fewer shoppers, or look for an effect of "
        f"{within:.0%}, which {weeks} weeks would show."
    )


def looks_price(looks: int, alpha: float, wanted: float) -> float:
    """How many times more shoppers so many looks cost, for the same power; 1 for one look."""
    fractions = planned_looks.evenly(looks)
    bounds = planned_looks.bounds(fractions, alpha)
    single = planned_looks.drift((1.0,), planned_looks.bounds((1.0,), alpha), wanted)
    return (planned_looks.drift(fractions, bounds, wanted) / single) ** 2


def read_history(store: Store, now: datetime, days: int, outcome: str = "conversion") -> History:
    """The log of some days, as the columns of its later half and of the half before."""
    start, middle = now - timedelta(days=days), now - timedelta(days=days / 2)
    earlier = shoppers_between(outcome, store, start, middle)
    later = shoppers_between(outcome, store, middle, now)
    new = later.first[~np.isin(later.units, earlier.units)]
    first = np.concatenate([earlier.first, new])
    if not len(first):
        raise InputError(f"The log of the last {days} days is empty, so there is nothing to plan.")
    arrivals = np.bincount((first - microseconds(start)) // DAY, minlength=days)
    return History(days, arrivals.astype(np.int64), later.columns, earlier.of(later.units))


def shoppers_between(outcome: str, store: Store, since: datetime, until: datetime) -> Stretch:
    """Who was active in a stretch of the log, machines left out, as an experiment would."""
    everybody = Variant(name="", policy="", weight=1.0)
    plan = Experiment(id="", variants=(everybody,), primary=outcome, outcomes=(outcome,))
    found = read_stretch(plan, store, since, until)
    here = (found.columns["active_days"] > 0) | (found.columns["slates"] > 0)
    return found.chosen(here & ~are_machines(found.columns, plan))


def _correlation(outcome: Outcome, history: History) -> float | None:
    """The correlation of the outcome with itself before; None where it cannot be known."""
    if outcome.without_past:
        return None
    rows = np.hstack([outcome.values(history.now), outcome.values(history.before)])
    summary = summarise(rows)
    k = rows.shape[1] // 2
    if summary.n < 10 or not (summary.mean[k:] > 0).all():
        return None
    cov = cuped.linear(summary).cov
    if not (cov[0, 0] > 0 and cov[1, 1] > 0):
        return None
    return float(cov[0, 1] / math.sqrt(cov[0, 0] * cov[1, 1]))


def _duration(wish: Wish, history: History, base: float, variance: float, price: float) -> Duration:
    effect = abs(wish.effect * base)
    needed = math.ceil(price * power.mean_units(variance, effect, wish.alpha, wish.power))
    weeks = sorted({2, 4, 8, TOO_LONG // 7})
    return Duration(
        shoppers=needed,
        days=days_until(history, needed / wish.share),
        smallest_effect={
            str(week): _smallest(wish, history, 7 * week, variance * price) / abs(base)
            for week in weeks
        },
    )


def _smallest(wish: Wish, history: History, days: int, variance: float) -> float:
    n = max(wish.share * shoppers_in(history, days), 4.0)
    return power.mean_effect(n, variance, wish.alpha, wish.power)


def shoppers_in(history: History, days: int) -> float:
    """How many different shoppers so many days bring: as seen, then as many as came lately."""
    seen = history.arrivals.cumsum()
    if days <= history.days:
        return float(seen[days - 1])
    return float(seen[-1] + (days - history.days) * _per_day(history))


def days_until(history: History, shoppers: float) -> int:
    """How many days bring so many different shoppers; a million where none come any more."""
    seen = history.arrivals.cumsum()
    if shoppers <= seen[-1]:
        return int(np.searchsorted(seen, shoppers)) + 1
    rate = _per_day(history)
    return history.days + math.ceil((shoppers - seen[-1]) / rate) if rate > 0 else 1_000_000


def _per_day(history: History) -> float:
    """New shoppers a day over the last third of the days, when the regulars are known."""
    return float(history.arrivals[-max(history.days // 3, 1) :].mean())


def check_wish(wish: Wish) -> None:
    """Raise InputError for the first number that no plan can be made for."""
    ranges = {
        "effect": (wish.effect, wish.effect != 0 and abs(wish.effect) < 10, "such as 0.05"),
        "power": (wish.power, 0.5 <= wish.power < 1, "from 0.5 to below 1"),
        "alpha": (wish.alpha, 0 < wish.alpha < 0.5, "above 0, below 0.5"),
        "looks": (wish.looks, 1 <= wish.looks <= 50, "1 to 50"),
        "share": (wish.share, 0 < wish.share <= 1, "above 0, at most 1"),
    }
    for name, (value, right, allowed) in ranges.items():
        if not right:
            raise InputError(f"{name} is {value}; it must be {allowed}.")
