"""The logged propensity of a position is the chance it really had."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from splitshelf.core.protocols import Candidates
from splitshelf.serve.exploration import Caps, draw, key_of, marginals, probability_of, seed_of

DRAWS = 100_000


def keys(n):
    """The noise keys of n products."""
    return np.array([key_of(f"p{i}") for i in range(n)], dtype=np.uint64)


def pool(scores):
    """Products with these scores, best first, as a model gives them."""
    falling = np.array(sorted(scores, reverse=True))
    return Candidates(np.arange(len(falling), dtype=np.int32), falling)


def orders(scores, n, temperature, draws, caps=None):
    """Many draws under the seeds of many requests: chosen [draws, n] and propensities alike."""
    names = keys(len(scores))
    chosen = np.full((draws, n), -1)
    chances = np.full((draws, n), np.nan)
    for i in range(draws):
        one = draw(pool(scores), names, n, seed=seed_of(str(i)), temperature=temperature, caps=caps)
        chosen[i, : len(one.chosen)] = one.chosen
        chances[i, : len(one.chosen)] = one.propensities
    return chosen, chances


def check_frequencies(chosen, chances):
    """After every prefix seen often, the frequency of what follows is its logged propensity."""
    for depth in range(chosen.shape[1]):
        prefixes = {tuple(row) for row in chosen[:500, :depth].tolist()}
        for prefix in prefixes:
            here = (chosen[:, :depth] == prefix).all(axis=1)
            count = int(here.sum())
            if count < 300:
                continue
            for entry in np.unique(chosen[here, depth]):
                if entry < 0:
                    continue
                hits = chosen[here, depth] == entry
                logged = chances[here, depth][hits]
                assert np.ptp(logged) < 1e-12
                error = np.sqrt(logged[0] * (1 - logged[0]) / count)
                assert abs(hits.mean() - logged[0]) <= 5 * error + 1e-9


def test_propensities_are_the_frequencies_of_100_000_draws():
    """The conditional frequency at each of three positions is the propensity that was logged."""
    check_frequencies(*orders(np.array([1.0, 0.97, 0.9, 0.85, 0.4]), 3, 0.1, DRAWS))


def test_propensities_hold_where_a_cap_takes_products_out():
    """With at most one of a brand, the softmax runs over what the cap left."""
    brands = np.array([[0, 0, 1, 1, -1, -1]], dtype=np.int32)
    caps = Caps(brands, np.array([0], dtype=np.int32), np.array([1], dtype=np.int32))
    scores = np.array([1.0, 0.95, 0.9, 0.9, 0.8, 0.7])
    chosen, chances = orders(scores, 4, 0.1, DRAWS, caps)
    check_frequencies(chosen, chances)
    assert (np.isin(chosen, [0, 1]).sum(axis=1) <= 1).all()
    assert (np.isin(chosen, [2, 3]).sum(axis=1) <= 1).all()


@given(
    scores=st.lists(st.floats(0.01, 10), min_size=1, max_size=5),
    temperature=st.floats(0.02, 1.0),
    n=st.integers(1, 3),
)
@settings(max_examples=12, deadline=None)
def test_any_pool_is_drawn_with_its_logged_chances(scores, temperature, n):
    """For pools of any shape the frequencies agree with the propensities."""
    check_frequencies(*orders(np.array(scores), n, temperature, 2_000))


@given(
    scores=st.lists(st.floats(0.01, 10), min_size=1, max_size=60),
    temperature=st.floats(0.001, 1.0),
    seed=st.integers(0, 2**63 - 1),
)
@settings(deadline=None)
def test_a_propensity_is_the_softmax_over_what_remains(scores, temperature, seed):
    """Each position's propensity equals the formula, worked out by itself in log space."""
    given_pool = pool(scores)
    values = given_pool.scores
    one = draw(given_pool, keys(len(values)), 12, seed=seed, temperature=temperature)
    assert len(set(one.chosen.tolist())) == len(one.chosen) == min(12, len(values))
    logits = values / (temperature * values.max())
    left = np.ones(len(values), dtype=bool)
    for entry, propensity in zip(one.chosen, one.propensities, strict=True):
        expected = np.exp(logits[entry] - np.logaddexp.reduce(logits[left]))
        assert propensity == pytest.approx(expected, rel=1e-9)
        left[entry] = False


def test_the_chances_of_all_orders_sum_to_one():
    """Over every order of a pool of five the probabilities sum to one, position by position."""
    table = marginals(np.array([1.0, 0.9, 0.8, 0.5, 0.2]), 3, temperature=0.2)
    assert table.sum(axis=1) == pytest.approx(np.ones(3))
    assert (table.sum(axis=0) <= 1 + 1e-12).all()


def test_marginals_are_the_frequencies_of_positions():
    """How often a product stands at a position, whatever stands before it, is its marginal."""
    scores = np.array([1.0, 0.9, 0.8, 0.5])
    chosen, _ = orders(scores, 2, 0.15, 20_000)
    table = marginals(scores, 2, temperature=0.15)
    for position in range(2):
        shares = np.bincount(chosen[:, position], minlength=4) / 20_000
        assert shares == pytest.approx(table[position], abs=5 * 0.5 / np.sqrt(20_000))


def test_the_product_of_the_propensities_is_the_chance_of_the_slate():
    """Conditional propensities multiply to the Plackett-Luce probability of the whole order."""
    scores = np.array([1.0, 0.9, 0.8, 0.5])
    one = draw(pool(scores), keys(4), 3, seed=5, temperature=0.2)
    weights = np.exp(scores / 0.2)
    assert one.propensities.prod() == pytest.approx(probability_of(weights, one.chosen.tolist()))


def test_temperature_zero_is_the_order_of_the_scores():
    """Without exploration the best stand first, ties as given, and every propensity is one."""
    one = draw(pool([2.0, 2.0, 1.0, 0.5]), keys(4), 4, seed=1, temperature=0)
    assert one.chosen.tolist() == [0, 1, 2, 3]
    assert one.propensities.tolist() == [1.0] * 4


def test_a_seed_draws_the_same_order_again():
    """The same request id draws the same order; other ids draw others."""
    scores = np.ones(30)
    first = draw(pool(scores), keys(30), 12, seed=seed_of("a"), temperature=0.1)
    again = draw(pool(scores), keys(30), 12, seed=seed_of("a"), temperature=0.1)
    other = draw(pool(scores), keys(30), 12, seed=seed_of("b"), temperature=0.1)
    assert first.chosen.tolist() == again.chosen.tolist()
    assert first.chosen.tolist() != other.chosen.tolist()


def test_tiny_temperatures_do_not_underflow():
    """Scores a thousand temperatures apart still give finite propensities at every position."""
    one = draw(pool([1.0, 0.5, 1e-9]), keys(3), 3, seed=3, temperature=0.0005)
    assert one.chosen.tolist() == [0, 1, 2]
    assert one.propensities == pytest.approx(np.ones(3))
