"""How often well-known pitfalls mislead a test, without and with the guard against each."""

import math
from collections.abc import Callable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy import special

from splitshelf.core.arrays import Floats
from splitshelf.core.protocols import Rng
from splitshelf.prove.guards.novelty import slope
from splitshelf.prove.guards.sample_ratio import chi_squared
from splitshelf.prove.guards.sequential_sample_ratio import log_e_value
from splitshelf.prove.statistics import cuped, means, multiplicity, proportions, ratios
from splitshelf.prove.statistics.comparisons import Comparison
from splitshelf.prove.statistics.non_inferiority import p_value
from splitshelf.prove.summaries import Summary

ALPHA = 0.05


class Pitfall(msgspec.Struct, frozen=True, kw_only=True):
    """The share of tests that mislead, or find, without and with the guard."""

    what: str
    """What the two shares count."""
    without: float
    guarded: float
    nominal: float | None = None
    """What the guarded share should be, where it is an error rate."""


Trial = Callable[[Rng, int], Pitfall]


def sample_ratio(rng: Rng, tests: int) -> Pitfall:
    """Fair splits of a million, by chi-squared at .05 and at the guard's .001."""
    arms = rng.binomial(1_000_000, 0.5, size=tests)
    p = np.array([chi_squared([a, 1_000_000 - a], [0.5, 0.5])[1] for a in arms.tolist()])
    return Pitfall(
        what="false alarms of a fair split",
        without=_share(p < 0.05),
        guarded=_share(p < 0.001),
        nominal=0.001,
    )


def lost_shoppers(rng: Rng, tests: int) -> Pitfall:
    """One arm of 500,000 loses 1 %: the tests that would be believed, and those stopped."""
    left = rng.binomial(500_000, 0.99, size=tests)
    p = np.array([chi_squared([500_000, n], [0.5, 0.5])[1] for n in left.tolist()])
    return Pitfall(what="lost shoppers found", without=0.0, guarded=_share(p < 0.001))


def daily_sample_ratio(rng: Rng, tests: int) -> Pitfall:
    """A fair split looked at on twenty days: chi-squared at .05 against the e-value at 20."""
    totals = 2000 * np.arange(1, 21)
    arms = rng.binomial(2000, 0.5, size=(tests, 20)).cumsum(axis=1)
    z = (arms - totals / 2) / np.sqrt(totals / 4)
    peeked = (np.abs(z) > -special.ndtri(0.025)).any(axis=1)
    alarmed = [
        any(
            log_e_value([a, n - a], [0.5, 0.5]) > math.log(20)
            for a, n in zip(row, totals.tolist(), strict=True)
        )
        for row in arms[: min(tests, 500)].tolist()
    ]
    return Pitfall(
        what="false alarms over twenty days",
        without=_share(peeked),
        guarded=float(np.mean(alarmed)),
        nominal=ALPHA,
    )


def unit_of_analysis(rng: Rng, tests: int) -> Pitfall:
    """Click-through over skewed page views, with no effect: rows as units, then shoppers."""
    rows, shoppers = [], []
    for _ in range(tests):
        arms = []
        for _ in range(2):
            views = rng.geometric(0.2, 1000) + rng.poisson(rng.gamma(0.3, 20, 1000))
            arms.append(np.column_stack([rng.binomial(views, rng.beta(1, 9, 1000)), views]))
        hits = [
            Summary(int(a[:, 1].sum()), a[:, :1].sum(axis=0) / a[:, 1].sum(), _NO) for a in arms
        ]
        rows.append(_p(proportions.compare, hits))
        shoppers.append(_p(ratios.compare, [Summary.of(arm) for arm in arms]))
    return Pitfall(
        what="false positives of a click-through",
        without=_share(np.array(rows) < ALPHA),
        guarded=_share(np.array(shoppers) < ALPHA),
        nominal=ALPHA,
    )


def before_the_start(rng: Rng, tests: int) -> Pitfall:
    """The power with what was before (correlation .7) left in, and taken out by CUPED."""
    plain, adjusted = [], []
    for _ in range(tests):
        arms = []
        for effect in (0.0, 0.11):
            before = rng.normal(size=1000)
            after = 0.7 * before + math.sqrt(0.51) * rng.normal(size=1000) + effect
            arms.append(Summary.of(np.column_stack([after, before])))
        plain.append(_p(means.compare, [arm.pick([0]) for arm in arms]))
        adjusted.append(_p(cuped.compare, arms))
    return Pitfall(
        what="true effects found",
        without=_share(np.array(plain) < ALPHA),
        guarded=_share(np.array(adjusted) < ALPHA),
    )


def whales(rng: Rng, tests: int) -> Pitfall:
    """The power of revenue with a heavy tail, plain and capped at one limit for both arms."""
    plain, capped = [], []
    for _ in range(tests):
        arms = [_spent(rng, share) for share in (0.05, 0.058)]
        limit = np.quantile(np.concatenate([arm[arm > 0] for arm in arms]), 0.99)
        plain.append(_p(means.compare, [Summary.of(arm) for arm in arms]))
        cut = [Summary.of(np.minimum(arm, limit)) for arm in arms]
        capped.append(_p(means.compare, cut))
    return Pitfall(
        what="true effects found",
        without=_share(np.array(plain) < ALPHA),
        guarded=_share(np.array(capped) < ALPHA),
    )


def faded(rng: Rng, tests: int) -> Pitfall:
    """An effect of .3 exp(-day / 3): believed by its mean, found by the slope."""
    days = 0.3 * np.exp(-np.arange(14) / 3) + rng.normal(0, 0.03, size=(tests, 14))
    believed = days.mean(axis=1) / (0.03 / math.sqrt(14)) > -special.ndtri(0.025)
    found = [slope([(x, 0.03) for x in row])[1] < 0.01 for row in days.tolist()]
    return Pitfall(
        what="fading effects found", without=_share(~believed), guarded=float(np.mean(found))
    )


def steady(rng: Rng, tests: int) -> Pitfall:
    """A constant effect: how often the slope cries novelty all the same."""
    days = 0.1 + rng.normal(0, 0.03, size=(tests, 14))
    found = [slope([(x, 0.03) for x in row])[1] < 0.01 for row in days.tolist()]
    return Pitfall(
        what="false alarms of novelty", without=0.0, guarded=float(np.mean(found)), nominal=0.01
    )


def impatience(rng: Rng, tests: int) -> Pitfall:
    """A variant that only makes buyers faster: counted to a cut, and with a window of 28 days."""
    early, patient = [], []
    for _ in range(tests):
        counted = []
        for delay in (4.0, 2.0):
            entered = rng.uniform(0, 14, 20_000)
            bought = np.where(rng.random(20_000) < 0.1, rng.exponential(delay, 20_000), np.inf)
            counted.append((entered + bought <= 14, bought <= 28))
        early.append(_shares_p([arm[0] for arm in counted]))
        patient.append(_shares_p([arm[1] for arm in counted]))
    return Pitfall(
        what="false positives of a mere acceleration",
        without=_share(np.array(early) < ALPHA),
        guarded=_share(np.array(patient) < ALPHA),
        nominal=ALPHA,
    )


def guardrail(rng: Rng, tests: int) -> Pitfall:
    """A guardrail of 2 %: what passes that is 5 % worse, and what passes exactly at the margin."""
    passed = []
    for loss in (0.05, 0.02):
        hits = rng.binomial(200_000, [0.05, 0.05 * (1 - loss)], size=(tests, 2))
        p = [p_value(_compared(a, b), 0.02 * a / 200_000) for a, b in hits.tolist()]
        passed.append(_share(np.array(p) < ALPHA))
    return Pitfall(
        what="harm that passes: 5 % worse, and at the margin",
        without=passed[0],
        guarded=passed[1],
        nominal=ALPHA,
    )


def many_outcomes(rng: Rng, tests: int) -> Pitfall:
    """Twenty outcomes without any effect: one significant, plain and by Holm."""
    p = rng.random((tests, 20))
    return Pitfall(
        what="tests with any false find",
        without=_share((p < ALPHA).any(axis=1)),
        guarded=float(np.mean([(multiplicity.holm(row) < ALPHA).any() for row in p])),
        nominal=ALPHA,
    )


def switching(rng: Rng, tests: int) -> Pitfall:
    """15 % see both variants: the effect of .1 as it is measured with them, and without."""
    measured = []
    for keep in (False, True):
        effects = []
        for _ in range(max(tests // 10, 10)):
            arm = rng.integers(0, 2, 20_000)
            both = rng.random(20_000) < 0.15
            dose = np.where(both, 0.5, arm)
            value = 0.1 * dose + rng.normal(size=20_000)
            here = ~both if keep else np.ones(20_000, dtype=bool)
            effects.append(value[here & (arm == 1)].mean() - value[here & (arm == 0)].mean())
        measured.append(float(np.mean(effects)))
    return Pitfall(what="the effect of .1", without=measured[0], guarded=measured[1])


PITFALLS: dict[str, Trial] = {
    "sample_ratio": sample_ratio,
    "lost_shoppers": lost_shoppers,
    "daily_sample_ratio": daily_sample_ratio,
    "unit_of_analysis": unit_of_analysis,
    "cuped": before_the_start,
    "outliers": whales,
    "novelty": faded,
    "novelty_false": steady,
    "delayed_conversions": impatience,
    "guardrail": guardrail,
    "many_outcomes": many_outcomes,
    "bucket_switching": switching,
}
"""name -> its trial; each keeps to some hundred simulated tests where it must draw shoppers."""

_NO: Floats = np.zeros((1, 1))


def _share(found: NDArray[np.bool_] | np.bool_) -> float:
    return float(np.mean(found))


def _p(compare: Callable[[Summary, Summary, float], Comparison], arms: Sequence[Summary]) -> float:
    return compare(arms[0], arms[1], ALPHA).p


def _spent(rng: Rng, share: float) -> Floats:
    return np.where(rng.random(5000) < share, rng.lognormal(2, 1.5, 5000), 0.0)


def _compared(a: int, b: int, n: int = 200_000) -> Comparison:
    arms = [Summary(n, np.array([hits / n]), _NO) for hits in (a, b)]
    return proportions.compare(arms[0], arms[1], ALPHA)


def _shares_p(arms: list[NDArray[np.bool_]]) -> float:
    a, b = (Summary(len(arm), np.array([arm.mean()]), _NO) for arm in arms)
    return proportions.compare(a, b, ALPHA).p
