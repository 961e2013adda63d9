"""Comparisons agree with the published figures, with scipy and with tea-tasting."""

import json
from csv import DictReader

import numpy as np
import pytest
import tea_tasting as tt
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from data import datasets, reference
from splitshelf.prove.guards.sample_ratio import chi_squared
from splitshelf.prove.statistics import COMPARISONS, means, proportions, quantiles, ratios
from splitshelf.prove.summaries import Summary

VALUES = json.loads(reference("vectors/reference_values.json").read_text())
USERS = VALUES["tt_users42_aggregates"]


def users(arm: str, *columns: str) -> Summary:
    """An arm of tea-tasting's published example, from its moments."""
    given_arm = USERS[arm]

    def covariance(a: str, b: str) -> float:
        if a == b:
            return given_arm[f"var_{a}"]
        return given_arm.get(f"cov_{a}_{b}") or given_arm[f"cov_{b}_{a}"]

    cov = np.array([[covariance(a, b) for b in columns] for a in columns])
    mean = np.array([given_arm[f"mean_{name}"] for name in columns])
    return Summary(given_arm["n"], mean, cov * (given_arm["n"] - 1))


def share(successes: int, n: int) -> Summary:
    """An arm of n units with so many successes."""
    p = successes / n
    return Summary(n, np.array([p]), np.array([[n * p * (1 - p)]]))


@pytest.mark.parametrize(
    ("name", "kind", "columns"),
    [
        ("sessions_per_user", "mean", ["sessions"]),
        ("orders_per_user", "mean", ["orders"]),
        ("revenue_per_user", "mean", ["revenue"]),
        ("orders_per_session", "ratio", ["orders", "sessions"]),
        ("aov", "ratio", ["revenue", "orders"]),
    ],
)
def test_r1_tea_tasting_example(name, kind, columns):
    """R1: every mean and ratio of tea-tasting's guide, its interval and its p."""
    expected = VALUES["tt_users42"][name]
    got = COMPARISONS[kind](users("0", *columns), users("1", *columns), 0.05)
    assert got.control == pytest.approx(expected["control"], rel=1e-12)
    assert got.value == pytest.approx(expected["treatment"], rel=1e-12)
    assert got.relative == pytest.approx(expected["rel_effect_size"], rel=1e-9)
    assert got.low == pytest.approx(expected["effect_size_ci_lower"], rel=1e-9)
    assert got.high == pytest.approx(expected["effect_size_ci_upper"], rel=1e-9)
    assert got.statistic == pytest.approx(expected["statistic"], rel=1e-9)
    assert got.p == pytest.approx(expected["pvalue"], rel=1e-9)


def test_r1_sample_ratio():
    """R1: 2,023 against 1,977; tea-tasting's p is ours with its correction by half a unit."""
    expected = VALUES["tt_users42"]["srm"]
    control, treatment = expected["control"], expected["treatment"]
    assert chi_squared([control - 0.5, treatment + 0.5], [0.5, 0.5])[1] == pytest.approx(
        expected["pvalue"], rel=1e-9
    )
    theirs = stats.chisquare([control, treatment])
    assert chi_squared([control, treatment], [0.5, 0.5])[1] == pytest.approx(theirs.pvalue)


def test_r4_growthbook_absolute_difference():
    """R4: GrowthBook's own fixture, tested on the absolute difference."""

    def arm(n: int, total: float, squares: float) -> Summary:
        return Summary(n, np.array([total / n]), np.array([[squares - total**2 / n]]))

    got = means.compare(arm(3407, 1396.87, 52377.9767), arm(3461, 2422.7, 134698.29), 0.05)
    assert got.difference == pytest.approx(0.29, abs=1e-12)
    assert (got.low, got.high) == pytest.approx((0.0453779, 0.5346221), abs=5e-8)
    assert got.p == pytest.approx(0.0201584, abs=5e-8)


@pytest.mark.parametrize("outcome", ["retention_1", "retention_7"])
def test_r5_cookie_cats_counts(outcome):
    """R5: pooled z, Wald interval, chi-squared with and without Yates, Fisher's exact p."""
    n, x = VALUES["cookie_cats"]["n"], VALUES["cookie_cats"][outcome]
    expected = VALUES["cookie_cats"][f"{outcome}_test"]
    arms = [(x[name], n[name]) for name in ("gate_30", "gate_40")]
    got = proportions.compare(share(*arms[0]), share(*arms[1]), 0.05)
    assert got.statistic == pytest.approx(expected["z"], rel=1e-11)
    assert got.p == pytest.approx(expected["p"], rel=1e-11)
    assert [got.low, got.high] == pytest.approx(expected["wald_ci"], rel=1e-11)
    table = np.array([[hits, total - hits] for hits, total in arms])
    assert proportions.chi_squared(table)[1] == pytest.approx(expected["p_chi2"], rel=1e-11)
    assert proportions.chi_squared(table, yates=True) == pytest.approx(
        (expected["chi2_yates"], expected["p_yates"]), rel=1e-11
    )
    assert proportions.fisher(table) == pytest.approx(expected["p_fisher"], rel=1e-9)


def test_r5_one_whale_makes_the_result():
    """R5: rounds played with one player of 49,854, without them, and capped at p99.9 of all."""
    with datasets("cookie_cats/cookie_cats.csv").open() as file:
        rows = [(row["version"], float(row["sum_gamerounds"])) for row in DictReader(file)]
    arms = [
        np.array([rounds for name, rounds in rows if name == arm]) for arm in ("gate_30", "gate_40")
    ]
    limit = float(np.quantile(np.concatenate(arms), 0.999))
    ways = {
        "raw": arms,
        "drop_max_49854": [arm[arm < 49_854] for arm in arms],
        "winsor_99.9": [np.minimum(arm, limit) for arm in arms],
    }
    for way, (control, treatment) in ways.items():
        expected = VALUES["cookie_cats"][f"sum_game_rounds_{way}"]
        got = means.compare(Summary.of(control), Summary.of(treatment), 0.05)
        assert [got.control, got.value] == pytest.approx(expected["means"], rel=1e-11)
        spreads = [means.arm(Summary.of(arm)).variance ** 0.5 for arm in (control, treatment)]
        assert spreads == pytest.approx(expected["sd"], rel=1e-11)
        assert got.statistic == pytest.approx(expected["t"], rel=1e-8)
        assert got.p == pytest.approx(expected["p"], rel=1e-8)
    shown = [VALUES["cookie_cats"][f"sum_game_rounds_{way}"]["p"] for way in ways]
    assert shown == pytest.approx([0.37592, 0.94947, 0.88337], abs=5e-6)


SAMPLES = st.lists(st.floats(-1e4, 1e4, width=32), min_size=3, max_size=40)


@given(SAMPLES, SAMPLES)
def test_means_equal_scipy(control, treatment):
    """Welch's t, p and interval are scipy's on any data."""
    assume(min(np.ptp(control), np.ptp(treatment)) > 1)
    got = means.compare(Summary.of(np.array(control)), Summary.of(np.array(treatment)), 0.05)
    expected = stats.ttest_ind(treatment, control, equal_var=False)
    interval = expected.confidence_interval(0.95)
    scale = 1e-9 * (1 + np.abs(control).max() + np.abs(treatment).max())
    assert got.p == pytest.approx(expected.pvalue, rel=1e-7, abs=1e-12)
    assert (got.low, got.high) == pytest.approx(interval, rel=1e-7, abs=scale)


@given(st.integers(0, 2**32 - 1))
def test_ratios_equal_tea_tasting(seed):
    """The delta method gives tea-tasting's ratio of means, interval and p on any data."""
    from tea_tasting.aggr import Aggregates  # noqa: PLC0415 (an optional oracle)

    rng = np.random.default_rng(seed)
    arms = []
    for n in rng.integers(20, 400, size=2):
        views = rng.poisson(4, n) + 1
        arms.append(np.column_stack([rng.binomial(views, rng.beta(1, 9, n)), views]))
    assume(all(arm[:, 0].sum() > 0 for arm in arms))

    def aggregates(table):
        cov = np.cov(table, rowvar=False)
        mean = dict(zip("xy", table.mean(axis=0).tolist(), strict=True))
        return Aggregates(
            count_=len(table),
            mean_=mean,
            var_={"x": cov[0, 0], "y": cov[1, 1]},
            cov_={("x", "y"): cov[0, 1]},
        )

    expected = tt.RatioOfMeans("x", "y").analyze_aggregates(*map(aggregates, arms))
    got = ratios.compare(*map(Summary.of, arms), 0.05)
    assert got.p == pytest.approx(expected.pvalue, rel=1e-9)
    assert got.low == pytest.approx(expected.effect_size_ci_lower, rel=1e-9, abs=1e-12)
    assert got.high == pytest.approx(expected.effect_size_ci_upper, rel=1e-9, abs=1e-12)


@given(
    st.integers(1, 400), st.integers(1, 400), st.data(), st.sampled_from([0.01, 0.05, 0.1, 0.32])
)
def test_relative_interval_of_shares_agrees_with_p(n0, n1, data, alpha):
    """Koopman's interval excludes zero exactly when the pooled z is significant."""
    x0, x1 = data.draw(st.integers(1, n0)), data.draw(st.integers(0, n1))
    got = proportions.compare(share(x0, n0), share(x1, n1), alpha)
    assume(not np.isnan(got.p) and abs(got.p - alpha) > 1e-9)
    assert (got.relative_low > 0 or got.relative_high < 0) == (got.p < alpha)
    assert got.relative_low <= got.relative <= got.relative_high


@given(st.integers(0, 2**32 - 1), st.floats(0, 3), st.sampled_from(["mean", "ratio"]))
def test_relative_interval_of_means_agrees_with_p(seed, lift, kind):
    """Fieller's interval excludes zero exactly when Welch's test is significant."""
    rng = np.random.default_rng(seed)
    arms = [rng.lognormal(size=(n, 2)) for n in (12, 40)]
    arms[1][:, 0] *= 1 + lift
    got = COMPARISONS[kind](*map(Summary.of, arms), 0.05)
    assume(not np.isnan(got.relative_low) and abs(got.p - 0.05) > 1e-9)
    assert (got.relative_low > 0 or got.relative_high < 0) == (got.p < 0.05)
    assert got.relative_low <= got.relative <= got.relative_high


def test_a_variant_without_success_has_a_relative_interval():
    """One of one against none of four hundred: from -100 % to an upper end that p agrees with."""
    got = proportions.compare(share(1, 1), share(0, 400), 0.32)
    assert got.relative_low == -1
    assert -1 < got.relative_high < 0
    assert got.p < 0.32


def test_a_control_near_zero_has_no_relative_interval():
    """Where the control may be zero a ratio means nothing, and none is given."""
    rng = np.random.default_rng(1)
    arms = [Summary.of(rng.normal(size=(50, 1))), Summary.of(rng.normal(9, 1, size=(50, 1)))]
    got = means.compare(*arms, 0.05)
    assert got.p < 1e-9
    assert np.isnan([got.relative_low, got.relative_high]).all()


@pytest.mark.parametrize("kind", COMPARISONS)
@pytest.mark.parametrize("units", [0, 1, 5])
def test_constant_or_empty_arms_say_nothing(kind, units):
    """No units or no variance: no p and no interval, but no error either."""
    arms = [Summary.of(np.ones((units, 2)))] * 2
    got = COMPARISONS[kind](*arms, 0.05)
    assert np.isnan([got.p, got.low, got.high]).all()


def test_quantile_intervals_cover_the_difference():
    """95 % intervals of the median of skewed order values cover the truth in 93 to 97 %."""
    rng = np.random.default_rng(11)
    truth = np.exp(0.2) - 1.0
    covered = 0
    for _ in range(1000):
        got = quantiles.compare(rng.lognormal(0, 1, 400), rng.lognormal(0.2, 1, 400), 0.05)
        covered += got.low <= truth <= got.high
    assert 0.93 <= covered / 1000 <= 0.97
