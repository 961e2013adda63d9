"""Chance to win, risk and non-inferiority are those that others publish."""

import json

import pytest
from msgspec.structs import replace
from scipy import special

from data import reference
from splitshelf.prove.statistics import always_valid, bayes, non_inferiority, proportions
from splitshelf.prove.statistics.comparisons import Arm, freedom, silent
from splitshelf.prove.summaries import Summary

VALUES = json.loads(reference("vectors/reference_values.json").read_text())["cookie_cats"]


def share(hits: int, n: int) -> Arm:
    """The arm of a share."""
    return Arm(hits / n, hits / n * (1 - hits / n), n)


def test_r4_shares():
    """R4: 49 against 51 of 100: effect, chance to win and both risks."""
    effect = bayes.relative_effect(share(49, 100), share(51, 100))
    assert effect.mean == pytest.approx(0.0408163, abs=5e-8)
    assert bayes.chance_to_win(effect) == pytest.approx(0.6091813, abs=5e-8)
    assert bayes.risk(effect) == pytest.approx((0.0813958, 0.0405795), abs=5e-8)


def total(n: int, added: float, squares: float) -> Arm:
    """The arm of a mean by its sums, as GrowthBook's fixtures give them."""
    return Arm(added / n, (squares - added**2 / n) / (n - 1), n)


def test_r4_means():
    """R4: means of 10 against 10.5: the chance to win, flat and under the prior N(.1, .1)."""
    effect = bayes.relative_effect(total(10, 100, 1002.25), total(10, 105, 1111.5))
    assert bayes.chance_to_win(effect) == pytest.approx(0.9192339, abs=5e-8)
    held = effect.given(bayes.Effect(0.1, 0.1**0.5))
    assert bayes.chance_to_win(held) == pytest.approx(0.9231499, abs=5e-8)


A, B = total(3407, 1396.87, 52377.9767), total(3461, 2422.7, 134698.29)


@pytest.mark.parametrize(
    ("control", "treatment", "expected"),
    [
        (A, B, (0.7073171, -0.0352601, 1.4498942, 0.0619118)),
        (share(14, 28), share(16, 30), (0.0666667, -0.4776740, 0.6110074, 0.8070717)),
    ],
    ids=["revenue", "binomial"],
)
def test_r4_growthbook_relative_tests(control, treatment, expected):
    """R4: GrowthBook's test of the relative difference is Welch's on our relative effect.

    It asks another question than the absolute difference (p = .0202): we show no p of it.
    """
    effect = bayes.relative_effect(control, treatment)
    df = freedom(control, treatment)
    half = -special.stdtrit(df, 0.025) * effect.error
    p = 2 * special.stdtr(df, -abs(effect.mean) / effect.error)
    got = (effect.mean, effect.mean - half, effect.mean + half, p)
    assert got == pytest.approx(expected, abs=5e-8)


def test_r4_growthbook_relative_sequential():
    """R4: the always-valid interval and p of the relative effect, tuned to 5,000."""
    effect = bayes.relative_effect(A, B)
    n = A.n + B.n
    half = always_valid.half_width(effect.error, n, 0.05)
    got = (effect.mean - half, effect.mean + half)
    assert got == pytest.approx((-0.4444238, 1.8590579), abs=6e-8)
    compared = silent(1 + effect.mean, 1.0)
    p = always_valid.p_value(replace(compared, error=effect.error), n, 0.05)
    assert p == pytest.approx(0.6986729, abs=6e-8)


def test_r5_chance_to_win():
    """R5: the chance that gate_40 keeps more players for a week."""
    n, hits = VALUES["n"], VALUES["retention_7"]
    arms = [share(hits[name], n[name]) for name in ("gate_30", "gate_40")]
    assert bayes.chance_to_win(bayes.relative_effect(*arms)) == pytest.approx(0.00060857, abs=5e-9)


def test_a_prior_pulls_towards_itself():
    """A prior as sure as the data halves the distance; a vague one changes nothing."""
    data = bayes.Effect(0.2, 0.1)
    halved = data.given(bayes.Effect(0.0, 0.1))
    assert halved.mean == pytest.approx(0.1)
    assert halved.error == pytest.approx(0.1 / 2**0.5)
    assert data.given(bayes.Effect(0.0, 1e9)).mean == pytest.approx(0.2)


def test_lower_is_better_turns_the_chance_around():
    """For a return rate, a fall is a win."""
    effect = bayes.Effect(-0.1, 0.05)
    win = bayes.chance_to_win(effect, higher_is_better=False)
    assert win == pytest.approx(1 - bayes.chance_to_win(effect))


@pytest.mark.parametrize("outcome", ["retention_1", "retention_7"])
def test_r5_non_inferiority(outcome):
    """R5: that gate_40 lies at most one point below is not shown."""
    arms = []
    for name in ("gate_30", "gate_40"):
        arm = share(VALUES[outcome][name], VALUES["n"][name])
        arms.append(Summary(arm.n, [arm.value], [[arm.n * arm.variance]]))
    got = proportions.compare(*arms, 0.05)
    expected = VALUES[f"{outcome}_test"]["noninferiority_margin_1pp"]["p"]
    assert non_inferiority.p_value(got, 0.01) == pytest.approx(expected, rel=1e-9)


def test_the_power_of_a_guardrail_is_alpha_at_the_margin():
    """A variant exactly as bad as the margin passes in alpha of the cases, an equal one more."""
    assert non_inferiority.power(0.01, 0.02, 0.05, effect=-0.02) == pytest.approx(0.05)
    assert non_inferiority.power(0.01, 0.02, 0.05) == pytest.approx(0.639, abs=0.001)
