"""Interleaved shelves are fair, preferences are found, and the ledger counts who was right."""

from collections import Counter
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from prove_worlds import START
from splitshelf.core.interleaving import INTERLEAVINGS
from splitshelf.prove.interleaving import preference, shoppers_needed
from splitshelf.prove.ledger import Entry, agreement, enter, entries
from splitshelf.prove.opinions import Says

RANKINGS = st.permutations([f"p{n}" for n in range(8)])


@pytest.mark.parametrize("name", INTERLEAVINGS)
@given(first=RANKINGS, second=RANKINGS, seed=st.integers(0, 999), n=st.integers(1, 12))
def test_a_shelf_has_each_product_once(name, first, second, seed, n):
    """No product twice, none made up, as many as asked for, and a team for each."""
    got = INTERLEAVINGS[name](first, second, n, np.random.default_rng(seed))
    assert len(got.products) == len(set(got.products)) == len(got.teams) == min(n, 8)
    assert set(got.products) <= set(first)


@pytest.mark.parametrize("name", INTERLEAVINGS)
def test_random_clicks_prefer_nobody(name):
    """Shoppers who click at random prefer either ranking alike: 5 % of the tests say otherwise."""
    rng = np.random.default_rng(1)
    first, second = [f"p{n}" for n in range(6)], [f"p{5 - n}" for n in range(6)]
    votes = Counter()
    for _ in range(4000):
        shelf = INTERLEAVINGS[name](first, second, 4, rng)
        votes[shelf.teams[rng.integers(len(shelf.teams))]] += 1
    assert abs(votes[0] - votes[1]) < 4 * np.sqrt(votes[0] + votes[1])


def test_a_better_ranking_wins():
    """A ranking with the liked products on top is preferred, with few shoppers."""
    rng = np.random.default_rng(2)
    good, bad = [f"p{n}" for n in range(10)], [f"p{9 - n}" for n in range(10)]
    clicks = np.zeros((400, 2))
    for shopper in range(400):
        shelf = INTERLEAVINGS["team_draft"](bad, good, 6, rng)
        for product, team in zip(shelf.products, shelf.teams, strict=True):
            clicks[shopper, team] += rng.random() < (0.5 if product < "p5" else 0.2)
    got = preference(clicks)
    assert got.low > 0.5
    assert got.p < 0.001


@given(st.integers(0, 60), st.integers(0, 60))
def test_p_is_the_exact_binomial(first, second):
    """The p of a preference is scipy's exact two-sided binomial test at one half."""
    clicks = np.array([[1.0, 0.0]] * first + [[0.0, 1.0]] * second + [[1.0, 1.0]]).reshape(-1, 2)
    got = preference(clicks)
    if first + second:
        assert got.p == pytest.approx(stats.binomtest(second, first + second).pvalue, abs=1e-12)
    else:
        assert np.isnan(got.p)


def test_the_planner_keeps_its_promise():
    """With as many shoppers as planned, a preference of 58 % is found in 80 % of the tests."""
    n = shoppers_needed(0.58)
    rng = np.random.default_rng(3)
    hits = rng.binomial(n, 0.58, 4000)
    z = (hits - n / 2) / np.sqrt(n / 4)
    assert (np.abs(z) > 1.96).mean() == pytest.approx(0.8, abs=0.03)


def test_the_ledger_counts_who_was_right(store):
    """Right and wrong are counted where both were sure; a second entry replaces the first."""
    said = [
        ({"offline": Says.BETTER, "interleaving": Says.BETTER}, Says.BETTER),
        ({"offline": Says.BETTER, "interleaving": Says.WORSE}, Says.WORSE),
        ({"offline": Says.UNSURE}, Says.WORSE),
    ]
    for number, (ways, found) in enumerate(said):
        at = START + timedelta(days=number)
        enter(Entry(experiment=f"e{number}", variant="b", at=at, found=found, said=ways), store)
    enter(entries(store)[0], store)
    got = agreement(entries(store))
    assert (got["offline"].right, got["offline"].wrong) == (1, 1)
    assert (got["interleaving"].right, got["interleaving"].wrong) == (2, 0)
    assert got["interleaving"].low < 1 == got["interleaving"].share
