"""On random data every test agrees with scipy, statsmodels and tea-tasting."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
import tea_tasting as tt
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import NormalIndPower, TTestIndPower
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    proportion_effectsize,
    proportions_ztest,
)
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW
from tea_tasting.aggr import Aggregates

from splitshelf.prove.guards.sample_ratio import chi_squared
from splitshelf.prove.statistics import (
    bootstrap,
    cuped,
    means,
    multiplicity,
    non_inferiority,
    power,
    proportions,
    quantiles,
    regression,
)
from splitshelf.prove.summaries import Summary

SEEDS = st.integers(0, 2**32 - 1)
COUNTS = st.integers(2, 5000)


def share(successes: int, n: int) -> Summary:
    """An arm of n units with so many successes."""
    p = successes / n
    return Summary(n, np.array([p]), np.array([[n * p * (1 - p)]]))


def aggregates(rows: np.ndarray) -> Aggregates:
    """The moments of columns named a, b, c, ... as tea-tasting wants them."""
    names = "abcd"[: rows.shape[1]]
    cov = np.cov(rows, rowvar=False).reshape(len(names), len(names))
    pairs = [(i, j) for i in range(len(names)) for j in range(i)]
    return Aggregates(
        count_=len(rows),
        mean_=dict(zip(names, rows.mean(axis=0).tolist(), strict=True)),
        var_={name: float(cov[i, i]) for i, name in enumerate(names)},
        cov_={tuple(sorted((names[i], names[j]))): float(cov[i, j]) for i, j in pairs},
    )


@given(COUNTS, COUNTS, st.data())
def test_proportions_equal_statsmodels_and_scipy(n0, n1, data):
    """The pooled z is statsmodels', its square scipy's chi-squared; the interval is Wald's."""
    x0, x1 = data.draw(st.integers(0, n0)), data.draw(st.integers(0, n1))
    assume(0 < x0 + x1 < n0 + n1)
    got = proportions.compare(share(x0, n0), share(x1, n1), 0.05)
    z, p = proportions_ztest([x1, x0], [n1, n0])
    assert got.statistic == pytest.approx(z, rel=1e-9, abs=1e-12)
    assert got.p == pytest.approx(p, rel=1e-8, abs=1e-300)
    table = np.array([[x0, n0 - x0], [x1, n1 - x1]])
    for yates in (False, True):
        expected = stats.chi2_contingency(table, correction=yates)
        assert proportions.chi_squared(table, yates=yates) == pytest.approx(
            (expected.statistic, expected.pvalue), rel=1e-8, abs=1e-12
        )
    wald = confint_proportions_2indep(x1, n1, x0, n0, method="wald", compare="diff")
    assert (got.low, got.high) == pytest.approx(wald, rel=1e-8, abs=1e-12)


@given(st.integers(1, 40), st.integers(1, 40), st.data())
def test_fisher_sums_the_tables_that_are_no_likelier(n0, n1, data):
    """Fisher's p is the chance of all tables of these margins as unlikely as the one seen."""
    x0, x1 = data.draw(st.integers(0, n0)), data.draw(st.integers(0, n1))
    chances = stats.hypergeom(n0 + n1, x0 + x1, n0).pmf(np.arange(n0 + 1))
    expected = chances[chances <= chances[x0] * (1 + 1e-7)].sum()
    got = proportions.fisher(np.array([[x0, n0 - x0], [x1, n1 - x1]]))
    assert got == pytest.approx(min(expected, 1.0), rel=1e-9)


@given(SEEDS, st.integers(3, 300), st.integers(3, 300))
def test_means_equal_tea_tasting_and_statsmodels(seed, n0, n1):
    """Welch's test is that of both libraries, by the same summaries."""
    rng = np.random.default_rng(seed)
    control, treatment = rng.lognormal(size=(n0, 1)), rng.lognormal(0.1, 1.2, size=(n1, 1))
    got = means.compare(Summary.of(control), Summary.of(treatment), 0.05)
    theirs = tt.Mean("a").analyze_aggregates(aggregates(control), aggregates(treatment))
    assert got.p == pytest.approx(theirs.pvalue, rel=1e-8)
    assert got.low == pytest.approx(theirs.effect_size_ci_lower, rel=1e-8, abs=1e-12)
    pair = CompareMeans(DescrStatsW(treatment[:, 0]), DescrStatsW(control[:, 0]))
    assert got.p == pytest.approx(pair.ttest_ind(usevar="unequal")[1], rel=1e-8)
    assert (got.low, got.high) == pytest.approx(
        pair.tconfint_diff(usevar="unequal"), rel=1e-8, abs=1e-12
    )


@given(SEEDS, st.integers(10, 300), st.booleans())
def test_cuped_equals_tea_tasting(seed, n, ratio):
    """CUPED of a mean and of a ratio: value, interval and p on any data."""
    rng = np.random.default_rng(seed)
    arms = []
    for size in (n, n + 7):
        before, views = rng.gamma(2, 3, size), rng.poisson(4, (2, size)) + 1.0
        after = 0.5 * before + rng.gamma(1, 2, size)
        arms.append(
            np.column_stack(
                [after, views[0], before, views[1]] if ratio else [after, before],
            )
        )
    metric = tt.RatioOfMeans("a", "b", "c", "d") if ratio else tt.Mean("a", covariate="b")
    theirs = metric.analyze_aggregates(*map(aggregates, arms))
    got = cuped.compare(*map(Summary.of, arms), 0.05)
    assert got.p == pytest.approx(theirs.pvalue, rel=1e-7)
    assert got.low == pytest.approx(theirs.effect_size_ci_lower, rel=1e-7, abs=1e-10)
    assert got.value == pytest.approx(theirs.treatment, rel=1e-9)


@given(SEEDS, st.integers(8, 200), st.integers(1, 3))
def test_ancova_equals_statsmodels(seed, n, covariates):
    """The effect at equal covariates and its HC2 error are statsmodels'."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, covariates))
    treated = np.arange(n) % 2 == 1
    y = x.sum(axis=1) + treated * 0.3 + rng.normal(size=n) * (1 + treated)
    got = regression.ancova(y, treated, x)
    design = np.column_stack([np.ones(n), treated, x])
    theirs = sm.OLS(y, design).fit(cov_type="HC2")
    assert got.difference == pytest.approx(theirs.params[1], rel=1e-8, abs=1e-10)
    assert got.error == pytest.approx(theirs.bse[1], rel=1e-8)
    assert got.p == pytest.approx(theirs.pvalues[1], rel=1e-7)


@given(SEEDS, st.integers(30, 400), st.sampled_from([0.25, 0.5, 0.9]))
def test_quantiles_equal_numpy_and_a_binomial_interval(seed, n, q):
    """The value is numpy's; the error spans the interval of ranks that scipy's binomial gives."""
    values = np.random.default_rng(seed).lognormal(size=n)
    got = quantiles.arm(values, q)
    assert got.value == np.quantile(values, q)
    ranks = stats.binom(n, q).ppf([0.025, 0.975])
    reach = max(2.0, 0.6 * np.ptp(ranks) / 2)
    inner, outer = (
        np.ptp(np.sort(values)[np.clip((ranks + side).astype(int), 0, n - 1)])
        for side in (np.array([reach, -reach]), np.array([-reach, reach]))
    )
    assert inner <= 2 * 1.96 * got.error <= outer + 1e-12


@given(st.lists(st.integers(1, 100_000), min_size=2, max_size=5), st.data())
def test_sample_ratios_equal_scipy(counts, data):
    """The sample ratio's chi-squared and p are scipy's for any split."""
    parts = data.draw(st.lists(st.floats(0.05, 1), min_size=len(counts), max_size=len(counts)))
    shares = np.array(parts) / sum(parts)
    expected = stats.chisquare(counts, shares * sum(counts))
    got = chi_squared(counts, shares.tolist())
    assert got == pytest.approx((expected.statistic, expected.pvalue), rel=1e-8, abs=1e-300)


@given(SEEDS, st.floats(0.01, 0.5), st.booleans())
def test_non_inferiority_equals_statsmodels(seed, margin, higher_is_better):
    """The one-sided p at the margin is that of statsmodels' z test of shifted means."""
    rng = np.random.default_rng(seed)
    control, treatment = rng.normal(1, 1, 200), rng.normal(1, 1.3, 260)
    got = means.compare(Summary.of(control), Summary.of(treatment), 0.05)
    side, shift = ("larger", -margin) if higher_is_better else ("smaller", margin)
    pair = CompareMeans(DescrStatsW(treatment), DescrStatsW(control))
    _, expected = pair.ztest_ind(alternative=side, usevar="unequal", value=shift)
    found = non_inferiority.p_value(got, margin, higher_is_better=higher_is_better)
    assert found == pytest.approx(expected, rel=1e-7, abs=1e-300)


@settings(max_examples=10)
@given(SEEDS, st.integers(1, 12))
def test_families_equal_statsmodels(seed, n):
    """Holm's and Benjamini and Hochberg's adjusted p are statsmodels'."""
    p = np.random.default_rng(seed).random(n) ** 3
    for ours, theirs in (
        (multiplicity.holm, "holm"),
        (multiplicity.benjamini_hochberg, "fdr_bh"),
    ):
        expected = multipletests(p, method=theirs)[1]
        assert ours(p) == pytest.approx(expected, rel=1e-9)


@settings(max_examples=20)
@given(st.floats(0.1, 0.5), st.floats(0.3, 0.95), st.sampled_from([0.01, 0.05, 0.1]))
def test_sample_sizes_equal_statsmodels(effect, wanted, alpha):
    """Power and sample size of means and of shares are statsmodels'."""
    theirs = TTestIndPower()
    units = power.mean_units(1.0, effect, alpha, wanted)
    assert theirs.power(effect, units / 2, alpha) == pytest.approx(wanted, rel=1e-6)
    assert power.mean_power(300, 1.0, effect, alpha) == pytest.approx(
        theirs.power(effect, 150, alpha), rel=1e-6
    )
    base, other = 0.1, 0.1 + effect / 2
    size = NormalIndPower().solve_power(
        proportion_effectsize(other, base), alpha=alpha, power=wanted, alternative="two-sided"
    )
    got = power.share_units(base, other, alpha, wanted, null="arcsine")
    assert got == pytest.approx(size, rel=1e-6)


def test_the_power_of_a_huge_effect_is_one():
    """Where the wrong direction is too unlikely for scipy's tail, the power is still a number."""
    assert power.mean_power(500, 1.0, 0.9) == pytest.approx(1.0)


def test_bootstrap_equals_scipy():
    """On skewed data the percentile interval is scipy's but for the chance of the draws."""
    rng = np.random.default_rng(3)
    control, treatment = rng.lognormal(size=400), rng.lognormal(0.2, 1, size=300)

    def difference(left, right, axis=-1):
        return np.median(left, axis=axis) - np.median(right, axis=axis)

    theirs = stats.bootstrap(
        (treatment, control), difference, n_resamples=6000, method="percentile", rng=rng
    ).confidence_interval
    got = bootstrap.interval(
        control, treatment, lambda rows: float(np.median(rows)), rng, rounds=6000
    )
    width = theirs.high - theirs.low
    assert got == pytest.approx((theirs.low, theirs.high), abs=0.06 * width)


@settings(max_examples=25)
@given(SEEDS)
def test_chances_to_win_are_integrals(seed):
    """Chance to win and risk are the integrals of the posterior that they stand for."""
    from splitshelf.prove.statistics import bayes  # noqa: PLC0415 (only this test)

    rng = np.random.default_rng(seed)
    effect = bayes.Effect(float(rng.normal()), float(rng.uniform(0.2, 2)))
    grid = effect.mean + effect.error * np.linspace(-9, 9, 20_001)
    density = stats.norm(effect.mean, effect.error).pdf(grid)
    win = np.trapezoid(density * (grid > 0), grid)
    gain = np.trapezoid(density * np.maximum(grid, 0), grid)
    loss = np.trapezoid(density * np.maximum(-grid, 0), grid)
    assert bayes.chance_to_win(effect) == pytest.approx(win, abs=1e-3)
    assert bayes.risk(effect) == pytest.approx((gain, loss), abs=1e-5)
    assert math.isclose(gain - loss, effect.mean, abs_tol=1e-5)
