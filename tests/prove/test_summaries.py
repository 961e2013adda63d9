"""Summaries add and subtract like the sets of units that they stand for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from splitshelf.prove.summaries import Summary

TABLES = st.integers(0, 30).flatmap(
    lambda n: arrays(np.float64, (n, 3), elements=st.floats(-1e6, 1e6, width=32))
)


def close(left: Summary, right: Summary, size: float = 0.0) -> bool:
    """Whether two summaries say the same, up to rounding at numbers of that `size`."""
    slack = 1e-9 * (1 + (1 + left.n) * size**2)
    return (
        left.n == right.n
        and np.allclose(left.mean, right.mean, rtol=1e-9, atol=1e-9 * (1 + size))
        and np.allclose(left.m2, right.m2, rtol=1e-9, atol=slack)
    )


@given(TABLES, TABLES)
def test_the_sum_is_the_summary_of_both(left, right):
    """Summarising two days apart and adding equals summarising them at once."""
    both = Summary.of(np.vstack([left, right]))
    assert close(Summary.of(left) + Summary.of(right), both, size=1e6)


@given(TABLES, TABLES)
def test_subtraction_undoes_addition(left, right):
    """Taking a day out again leaves what was there before."""
    total = Summary.of(np.vstack([left, right]))
    assert close(total - Summary.of(right), Summary.of(left), size=1e6)


@pytest.mark.parametrize("days", [1, 30])
def test_a_large_mean_keeps_its_variance(days):
    """With a mean of 1e8 and n = 100,000 the variance keeps ten digits, merged or not."""
    values = 1e8 + np.random.default_rng(3).normal(size=100_000)
    merged = sum(map(Summary.of, np.array_split(values, days)), Summary.empty(1))
    exact = np.var(values - 1e8, ddof=1)
    assert merged.variance(0) == pytest.approx(exact, rel=1e-7)


def test_picked_columns_keep_their_moments():
    """A ratio picks its two columns out of the summary of all."""
    table = np.random.default_rng(4).normal(size=(50, 4))
    picked = Summary.of(table).pick([2, 0])
    assert close(picked, Summary.of(table[:, [2, 0]]))


def test_no_unit_has_no_variance():
    """An empty arm gives nan, not an error: a shop may look before its first shopper."""
    assert np.isnan(Summary.of(np.empty((0, 2))).cov).all()
