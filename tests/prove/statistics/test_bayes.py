"""Chance to win, risk and non-inferiority are those that others publish."""

import json

import pytest

from data import reference
from splitshelf.prove.statistics import bayes, non_inferiority, proportions
from splitshelf.prove.statistics.comparisons import Arm
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
