"""Power, adjusted p, CUPED, ranks and bootstrap agree with what others publish or compute."""

import json

import numpy as np
import pytest
import tea_tasting as tt
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from data import reference
from splitshelf.prove.statistics import (
    bootstrap,
    cuped,
    means,
    multiplicity,
    power,
    ranks,
    ratios,
    regression,
)
from splitshelf.prove.summaries import Summary

VALUES = json.loads(reference("vectors/reference_values.json").read_text())


@pytest.fixture(scope="module")
def table():
    """tea-tasting's published example with what each user did before."""
    return tt.make_users_data(rng=42, covariates=True, return_type="pandas")


@pytest.fixture(scope="module")
def users(table):
    """The arms of that example as summaries of the asked columns."""

    def arms(*columns: str) -> list[Summary]:
        return [
            Summary.of(table.loc[table["variant"] == arm, list(columns)].to_numpy(float))
            for arm in (0, 1)
        ]

    return arms


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("sessions_per_user", ["sessions", "sessions_covariate"]),
        ("orders_per_user", ["orders", "orders_covariate"]),
        ("revenue_per_user", ["revenue", "revenue_covariate"]),
        (
            "orders_per_session",
            ["orders", "sessions", "orders_covariate", "sessions_covariate"],
        ),
    ],
)
def test_r2_cuped(users, name, columns):
    """R2: CUPED of means and of a ratio, to tea-tasting's digits."""
    expected = VALUES["tt_users42_cuped"][name]
    got = cuped.compare(*users(*columns), 0.05)
    assert got.relative == pytest.approx(expected["rel_effect_size"], rel=1e-9)
    assert got.control == pytest.approx(expected["control"], rel=1e-9)
    assert got.p == pytest.approx(expected["pvalue"], rel=1e-9)
    assert got.low == pytest.approx(expected["effect_size_ci_lower"], rel=1e-9)
    assert got.high == pytest.approx(expected["effect_size_ci_upper"], rel=1e-9)


def test_r2_variance_falls_as_published(users):
    """R2: CUPED leaves .72327 of the variance of revenue."""
    plain = means.compare(*users("revenue"), 0.05)
    adjusted = cuped.compare(*users("revenue", "revenue_covariate"), 0.05)
    ratio = (adjusted.error / plain.error) ** 2
    assert ratio == pytest.approx(VALUES["tt_cuped_variance_ratio_revenue"], abs=5e-6)


def test_r2_analysis_of_covariance(table):
    """R2: least squares with the covariate and HC2 errors, the effect of revenue and its p."""
    treated = table["variant"].to_numpy() == 1
    got = regression.ancova(
        table["revenue"].to_numpy(float), treated, table["revenue_covariate"].to_numpy(float)
    )
    expected = VALUES["ols_ancova_revenue"]
    assert got.difference == pytest.approx(expected["effect"], rel=1e-9)
    assert got.error == pytest.approx(expected["se"], rel=1e-9)
    assert got.p == pytest.approx(expected["p"], rel=1e-8)


def test_cuped_gains_what_the_correlation_says():
    """With a correlation of .7 the variance falls to 1 - .49, and the effect stays."""
    rng = np.random.default_rng(6)
    arms = []
    for shift in (0.0, 0.1):
        before = rng.normal(size=200_000)
        after = 0.7 * before + np.sqrt(0.51) * rng.normal(size=200_000) + shift
        arms.append(np.column_stack([after, before]))
    summaries = [Summary.of(arm) for arm in arms]
    plain = means.compare(*(one.pick([0]) for one in summaries), 0.05)
    adjusted = cuped.compare(*summaries, 0.05)
    assert (adjusted.error / plain.error) ** 2 == pytest.approx(0.51, abs=0.02)
    assert adjusted.difference == pytest.approx(0.1, abs=0.01)


def test_a_constant_covariate_changes_nothing():
    """A covariate that never varies explains nothing and divides by nothing."""
    rng = np.random.default_rng(7)
    arms = [Summary.of(np.column_stack([rng.normal(size=90), np.ones(90)])) for _ in "ab"]
    plain = means.compare(*(one.pick([0]) for one in arms), 0.05)
    assert cuped.compare(*arms, 0.05).p == pytest.approx(plain.p, rel=1e-12)


def test_r3_power():
    """R3: power of a ratio, detectable effects of orders, and three published sample sizes."""
    uplifts = {"sessions_uplift": 0, "orders_uplift": 0, "revenue_uplift": 0}
    table = tt.make_users_data(rng=42, covariates=True, return_type="pandas", **uplifts)
    every = Summary.of(table[["orders", "sessions"]].to_numpy(float))
    ratio, orders = ratios.arm(every), means.arm(every)
    got = power.mean_power(4000, ratio.variance, 0.1 * ratio.value)
    assert got == pytest.approx(0.52118207, abs=5e-9)
    for n, expected in ((10_000, 0.0707483), (20_000, 0.0500249)):
        effect = power.mean_effect(n, orders.variance, alpha=0.1, power=0.7)
        assert effect / orders.value == pytest.approx(expected, abs=5e-8)
    assert power.share_units(0.2, 0.25, null="control") == pytest.approx(1030.2, abs=0.05)
    assert power.share_units(0.05, 0.055) == pytest.approx(31_230.7, abs=0.05)
    assert power.share_units(0.05, 0.055, null="arcsine") == pytest.approx(31_217.4, abs=0.05)
    assert power.mean_units(1.0, 0.2) / 2 == pytest.approx(393.41, abs=0.005)


def test_r9_multiplicity():
    """R9: Holm and Benjamini-Hochberg as statsmodels has them."""
    expected = VALUES["multiplicity_p8"]
    p = np.array(expected["p"])
    assert multiplicity.holm(p).tolist() == pytest.approx(expected["holm"], abs=1e-12)
    found = multiplicity.benjamini_hochberg(p)
    assert found.tolist() == pytest.approx(expected["fdr_bh"], abs=1e-12)


@given(st.lists(st.floats(1e-9, 1), min_size=1, max_size=30))
def test_adjusted_p_equal_scipy(p):
    """Benjamini and Hochberg's adjusted p are scipy's on any family."""
    got = multiplicity.benjamini_hochberg(np.array(p))
    assert got == pytest.approx(stats.false_discovery_control(p), rel=1e-12)
    assert (multiplicity.holm(np.array(p)) >= got - 1e-15).all()


INTS = st.lists(st.integers(0, 9), min_size=3, max_size=60)


@given(INTS, INTS)
def test_ranks_equal_scipy(control, treatment):
    """Mann and Whitney's p is scipy's, ties and all."""
    got = ranks.superiority(np.array(control, float), np.array(treatment, float))
    if len({*control, *treatment}) == 1:
        assert np.isnan(got.p)
        return
    expected = stats.mannwhitneyu(treatment, control, method="asymptotic")
    assert got.p == pytest.approx(min(expected.pvalue, 1.0), rel=1e-9)
    assert got.chance == pytest.approx(expected.statistic / (len(control) * len(treatment)))


def test_bootstrap_agrees_with_welch_where_both_hold():
    """On the means of large samples the percentile interval is Welch's."""
    rng = np.random.default_rng(12)
    control, treatment = rng.lognormal(size=2000), rng.lognormal(0.1, 1, size=2000)
    low, high = bootstrap.interval(control, treatment, lambda rows: float(rows.mean()), rng)
    got = means.compare(Summary.of(control), Summary.of(treatment), 0.05)
    assert (low, high) == pytest.approx((got.low, got.high), abs=0.15 * got.error)
