"""Both ways to look early agree with what others publish."""

import json

import numpy as np
import pytest

from data import reference
from splitshelf.prove.statistics import always_valid, means, planned_looks
from splitshelf.prove.summaries import Summary

OBF = json.loads(reference("vectors/obf_bounds.json").read_text())


@pytest.mark.parametrize("looks", [2, 3, 5, 10])
def test_r7_planned_looks(looks):
    """R7: O'Brien-Fleming bounds by Lan and DeMets, two-sided .05."""
    got = planned_looks.bounds(planned_looks.evenly(looks), 0.05)
    assert got == pytest.approx(OBF["own"][f"{looks}_looks"], abs=6e-5)


def test_bounds_spend_alpha_exactly():
    """Simulated sums cross the bounds of uneven looks in alpha of the cases."""
    fractions = np.array([0.1, 0.35, 0.5, 0.9, 1.0])
    bounds = np.array(planned_looks.bounds(fractions, 0.1))
    steps = np.sqrt(np.diff(fractions, prepend=0))
    sums = np.cumsum(np.random.default_rng(5).normal(size=(200_000, 5)) * steps, axis=1)
    crossed = (np.abs(sums) / np.sqrt(fractions) > bounds).any(axis=1).mean()
    assert crossed == pytest.approx(0.1, abs=0.0025)


def test_r4_always_valid_interval():
    """R4: GrowthBook's sequential interval and p of the absolute difference, two tunings."""

    def arm(n: int, total: float, squares: float) -> Summary:
        return Summary(n, np.array([total / n]), np.array([[squares - total**2 / n]]))

    got = means.compare(arm(3407, 1396.87, 52377.9767), arm(3461, 2422.7, 134698.29), 0.05)
    n = 3407 + 3461
    assert always_valid.interval(got, n, 0.05) == pytest.approx((-0.0894101, 0.6694101), abs=6e-8)
    assert always_valid.p_value(got, n, 0.05) == pytest.approx(0.2907446, abs=6e-8)
    assert always_valid.interval(got, n, 0.05, 600) == pytest.approx(
        (-0.1167880, 0.6967880), abs=6e-8
    )
    assert always_valid.p_value(got, n, 0.05, 600) == pytest.approx(0.6629212, abs=6e-8)


def test_always_valid_interval_agrees_with_its_p():
    """The interval touches zero where p is alpha."""
    rng = np.random.default_rng(9)
    arms = [Summary.of(rng.normal(size=500)), Summary.of(rng.normal(0.19, 1, size=500))]
    got = means.compare(*arms, 0.05)
    for alpha in (0.01, 0.05, 0.2):
        low, high = always_valid.interval(got, 1000, alpha)
        assert (low > 0 or high < 0) == (always_valid.p_value(got, 1000, alpha) < alpha)


@pytest.mark.parametrize("first", [0.004, 0.02])
def test_the_first_of_many_looks_has_a_bound(first):
    """However early, a look has a bound, far out; the later ones hardly notice it."""
    got = planned_looks.bounds([first, *planned_looks.evenly(5)], 0.05)
    assert got[0] > 15
    assert got[1:] == pytest.approx(OBF["own"]["5_looks"], abs=6e-5)
