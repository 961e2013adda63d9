"""How often well-known pitfalls mislead a test, without and with the guard against each."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import special

from splitshelf.core.arrays import Bools, Floats
from splitshelf.core.protocols import Rng
from splitshelf.prove.guards.novelty import slope
from splitshelf.prove.guards.sample_ratio import chi_squared
from splitshelf.prove.guards.sequential_sample_ratio import log_e_value
from splitshelf.prove.statistics import cuped, means, multiplicity, proportions, ratios
from splitshelf.prove.statistics.comparisons import Comparison
from splitshelf.prove.statistics.non_inferiority import p_value
from splitshelf.prove.summaries import Summary
from splitshelf.prove.trials.dealing import contextual, contextual_false
from splitshelf.prove.trials.disturbances import (
    interference,
    machines,
    reused_salt,
    simultaneous,
    simultaneous_false,
    triggered,
)
from splitshelf.prove.trials.pitfall import ALPHA, Pitfall, Trial, average, means_p, p_of, rate


def sample_ratio(rng: Rng, tests: int) -> Pitfall:
    """Fair splits of a million, by chi-squared at .05 and at the guard's .001."""
    arms = rng.binomial(1_000_000, 0.5, size=tests)
    p = np.array([chi_squared([a, 1_000_000 - a], [0.5, 0.5])[1] for a in arms.tolist()])
    return rate("false alarms of a fair split", p < ALPHA, p < 0.001, nominal=0.001)


def lost_shoppers(rng: Rng, tests: int) -> Pitfall:
    """One arm of 500,000 loses 1 %: the tests that would be believed, and those stopped."""
    left = rng.binomial(500_000, 0.99, size=tests)
    p = np.array([chi_squared([500_000, n], [0.5, 0.5])[1] for n in left.tolist()])
    return rate("a loss of 1 % found", 0.0, p < 0.001, least=1.0)


def daily_sample_ratio(rng: Rng, tests: int) -> Pitfall:
    """A fair split looked at on twenty days: chi-squared at .05 against the e-value at 20."""
    peeked, alarmed = _daily(rng, min(tests, 500), 0.0, float(-special.ndtri(0.025)))
    return rate("false alarms over twenty days", peeked, alarmed, nominal=ALPHA)


def daily_lost_shoppers(rng: Rng, tests: int) -> Pitfall:
    """One arm of 20,000 loses 2 %, looked at daily: chi-squared at .001 against the e-value."""
    strict = float(-special.ndtri(0.0005))
    peeked, alarmed = _daily(rng, min(tests, 500), 0.02, strict)
    return rate("a loss of 2 % of 20,000 found in twenty days", peeked, alarmed, least=0.2)


def _daily(rng: Rng, tests: int, lost: float, limit: float) -> tuple[Bools, Bools]:
    """Which tests chi-squared, and which the e-value, stops on one of twenty days of 2,000."""
    first = rng.binomial(2000, 0.5, size=(tests, 20))
    second = rng.binomial(2000 - first, 1 - lost).cumsum(axis=1)
    first = first.cumsum(axis=1)
    z = (first - second) / np.sqrt(first + second)
    alarmed = [
        any(
            log_e_value([a, b], [0.5, 0.5]) > math.log(20) for a, b in zip(left, right, strict=True)
        )
        for left, right in zip(first.tolist(), second.tolist(), strict=True)
    ]
    return np.asarray((np.abs(z) > limit).any(axis=1)), np.array(alarmed)


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
        rows.append(p_of(proportions.compare, hits))
        shoppers.append(p_of(ratios.compare, [Summary.of(arm) for arm in arms]))
    return rate(
        "false positives of a click-through",
        np.array(rows) < ALPHA,
        np.array(shoppers) < ALPHA,
        nominal=ALPHA,
    )


def before_the_start(rng: Rng, tests: int) -> Pitfall:
    """The power with what was before (correlation .7) left in, and taken out by CUPED."""
    plain, adjusted = _with_a_past(rng, tests, 0.079)
    return rate(
        "true effects found",
        np.array([one.p for one in plain]) < ALPHA,
        np.array([one.p for one in adjusted]) < ALPHA,
        least=0.68,
    )


def variance_left(rng: Rng, tests: int) -> Pitfall:
    """The variance of the estimates with CUPED over that without: 1 - .7^2."""
    plain, adjusted = _with_a_past(rng, tests, 0.0)
    ratio = np.array([b.error**2 / a.error**2 for a, b in zip(plain, adjusted, strict=True)])
    return average("the variance left by CUPED", np.ones(len(ratio)), ratio, 0.51)


def _with_a_past(rng: Rng, tests: int, effect: float) -> tuple[list[Comparison], list[Comparison]]:
    """Plain and adjusted comparisons of arms of 1,000 whose past has a correlation of .7."""
    plain, adjusted = [], []
    for _ in range(tests):
        arms = []
        for shift in (0.0, effect):
            before = rng.normal(size=1000)
            after = 0.7 * before + math.sqrt(0.51) * rng.normal(size=1000) + shift
            arms.append(Summary.of(np.column_stack([after, before])))
        plain.append(means.compare(arms[0].pick([0]), arms[1].pick([0]), ALPHA))
        adjusted.append(cuped.compare(arms[0], arms[1], ALPHA))
    return plain, adjusted


def whales(rng: Rng, tests: int) -> Pitfall:
    """The power of revenue with a heavy tail, plain and capped at one limit for both arms."""
    plain, capped = _with_whales(rng, tests, 0.066)
    return rate("true effects found", plain < ALPHA, capped < ALPHA, least=0.237)


def whales_false(rng: Rng, tests: int) -> Pitfall:
    """The same without an effect: a limit common to both arms keeps the error."""
    plain, capped = _with_whales(rng, tests, 0.05)
    return rate("false positives of revenue", plain < ALPHA, capped < ALPHA, nominal=ALPHA)


def _with_whales(rng: Rng, tests: int, share: float) -> tuple[Floats, Floats]:
    """The p of revenue plain and capped, of tests in which such a share of the variant buys."""
    plain, capped = [], []
    for _ in range(tests):
        arms = [_spent(rng, buyers) for buyers in (0.05, share)]
        limit = np.quantile(np.concatenate([arm[arm > 0] for arm in arms]), 0.99)
        plain.append(means_p(*arms))
        capped.append(means_p(*(np.minimum(arm, limit) for arm in arms)))
    return np.array(plain), np.array(capped)


def faded(rng: Rng, tests: int) -> Pitfall:
    """An effect of .3 exp(-day / 3): believed by its mean, found by the slope."""
    days = _fading(rng, tests)
    believed = days.mean(axis=1) / (0.03 / math.sqrt(DAYS)) > -special.ndtri(0.025)
    return rate("fading effects found", ~believed, _sloped(days), least=1.0)


def faded_level(rng: Rng, tests: int) -> Pitfall:
    """The same effect, by the mean of all days and by that of the last three."""
    days = _fading(rng, tests)
    last = 0.3 * float(np.exp(-np.arange(DAYS - 3, DAYS) / 3).mean())
    return average("the effect that lasts", days.mean(axis=1), days[:, -3:].mean(axis=1), last)


def steady(rng: Rng, tests: int) -> Pitfall:
    """A constant effect: how often the slope cries novelty all the same."""
    days = 0.1 + rng.normal(0, 0.03, size=(tests, DAYS))
    return rate("false alarms of novelty", 0.0, _sloped(days), nominal=0.01)


def _fading(rng: Rng, tests: int) -> Floats:
    return 0.3 * np.exp(-np.arange(DAYS) / 3) + rng.normal(0, 0.03, size=(tests, DAYS))


def _sloped(days: Floats) -> Bools:
    """Which tests have a slope at the guard's level, bool [tests]."""
    return np.array([slope([(x, 0.03) for x in row])[1] < 0.01 for row in days.tolist()])


def impatience(window: float, nominal: float | None) -> Trial:
    """The trial of a variant that only makes buyers faster, judged with a window of such days."""

    def trial(rng: Rng, tests: int) -> Pitfall:
        early, patient = [], []
        for _ in range(tests):
            counted = []
            for delay in (4.0, 2.0):
                entered = rng.uniform(0, 14, 20_000)
                bought = np.where(rng.random(20_000) < 0.1, rng.exponential(delay, 20_000), np.inf)
                counted.append((entered + bought <= 14, bought <= window))
            early.append(_shares_p([arm[0] for arm in counted]))
            patient.append(_shares_p([arm[1] for arm in counted]))
        return rate(
            f"false positives of a mere acceleration, window {window:g} d",
            np.array(early) < ALPHA,
            np.array(patient) < ALPHA,
            nominal=nominal,
        )

    return trial


def guardrail(rng: Rng, tests: int) -> Pitfall:
    """A guardrail of 2 %: what passes that is 5 % worse, and what passes exactly at the margin."""
    harmful, marginal = (_passed(rng, tests, loss) for loss in (0.05, 0.02))
    what = "harm that passes: 5 % worse, and at the margin"
    return rate(what, harmful, marginal, nominal=ALPHA)


def guardrail_equal(rng: Rng, tests: int) -> Pitfall:
    """A guardrail of 2 %: how often a variant that harms nothing is shown to be safe."""
    return rate("equal variants that pass", 0.0, _passed(rng, tests, 0.0), least=0.41)


def _passed(rng: Rng, tests: int, loss: float) -> Bools:
    """Which tests of 200,000 an arm show that conversion falls by less than 2 %, bool [tests]."""
    hits = rng.binomial(200_000, [0.05, 0.05 * (1 - loss)], size=(tests, 2))
    p = [p_value(_compared(a, b), 0.02 * a / 200_000) for a, b in hits.tolist()]
    return np.array(p) < ALPHA


def many_outcomes(rng: Rng, tests: int) -> Pitfall:
    """Twenty outcomes without any effect: one significant, plain and by Holm."""
    p = rng.random((tests, 20))
    held = np.array([(multiplicity.holm(row) < ALPHA).any() for row in p])
    plain = np.asarray((p < ALPHA).any(axis=1))
    return rate("tests with any false find", plain, held, nominal=ALPHA)


def many_outcomes_rest(rng: Rng, tests: int) -> Pitfall:
    """The same by Benjamini and Hochberg, whose false share is that of any find here."""
    p = rng.random((tests, 20))
    held = np.array([(multiplicity.benjamini_hochberg(row) < ALPHA).any() for row in p])
    plain = np.asarray((p < ALPHA).any(axis=1))
    return rate("tests with any false find", plain, held, nominal=ALPHA)


def switching(rng: Rng, tests: int) -> Pitfall:
    """15 % see both variants: the effect of .1 as it is measured with them, and without."""
    measured: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(max(tests // 4, 10)):
        arm = rng.integers(0, 2, 20_000) == 1
        both = rng.random(20_000) < 0.15
        value = 0.1 * np.where(both, 0.5, arm) + rng.normal(size=20_000)
        for without, effects in measured.items():
            here = ~both if without else np.ones(20_000, dtype=bool)
            effects.append(float(value[here & arm].mean() - value[here & ~arm].mean()))
    return average("the effect of .1", np.array(measured[False]), np.array(measured[True]), 0.1)


PITFALLS: dict[str, Trial] = {
    "sample_ratio": sample_ratio,
    "lost_shoppers": lost_shoppers,
    "daily_sample_ratio": daily_sample_ratio,
    "daily_lost_shoppers": daily_lost_shoppers,
    "unit_of_analysis": unit_of_analysis,
    "cuped": before_the_start,
    "cuped_variance": variance_left,
    "outliers": whales,
    "outliers_false": whales_false,
    "reused_salt": reused_salt,
    "simultaneous": simultaneous,
    "simultaneous_false": simultaneous_false,
    "bots": machines,
    "novelty": faded,
    "novelty_level": faded_level,
    "novelty_false": steady,
    "triggered": triggered,
    "delayed_conversions_7": impatience(7, None),
    "delayed_conversions_14": impatience(14, None),
    "delayed_conversions_21": impatience(21, None),
    "delayed_conversions_28": impatience(28, ALPHA),
    "bucket_switching": switching,
    "guardrail": guardrail,
    "guardrail_equal": guardrail_equal,
    "many_outcomes": many_outcomes,
    "many_outcomes_rest": many_outcomes_rest,
    "interference": interference,
    "contextual_bandit": contextual,
    "contextual_bandit_false": contextual_false,
}
"""name -> its trial; each keeps to some hundred simulated tests where it must draw shoppers."""

DAYS = 14
_NO: Floats = np.zeros((1, 1))


def _spent(rng: Rng, share: float) -> Floats:
    return np.where(rng.random(5000) < share, rng.lognormal(2, 2.0, 5000), 0.0)


def _compared(a: int, b: int, n: int = 200_000) -> Comparison:
    arms = [Summary(n, np.array([hits / n]), _NO) for hits in (a, b)]
    return proportions.compare(arms[0], arms[1], ALPHA)


def _shares_p(arms: list[NDArray[np.bool_]]) -> float:
    return p_of(
        proportions.compare, [Summary(len(arm), np.array([arm.mean()]), _NO) for arm in arms]
    )
