"""Models against other people's code, and against their own formulas done the slow way."""

import warnings
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from implicit.cpu.als import AlternatingLeastSquares
from implicit.nearest_neighbours import CosineRecommender
from scipy import sparse
from threadpoolctl import threadpool_limits

from data import reference
from splitshelf.core.clock import DAY, moment
from splitshelf.core.context import Context
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.matrices import interactions
from splitshelf.learn.models import als, ease, item_knn, random_walk, repeat, slim
from worlds import CONTEXT, activity, checkerboard

WORLD = checkerboard(shoppers=40)
MATRIX = interactions(WORLD)


def rng():
    """The same generator for everybody."""
    return np.random.default_rng(0)


def dense(model):
    """The rows of a neighbour model as a full matrix."""
    rows, n = model.neighbours, WORLD.n_products
    full = np.zeros((n, n))
    full[np.repeat(np.arange(n), np.diff(rows.offsets)), rows.products] = rows.weights
    return full


def test_item_knn_is_the_cosine_of_implicit():
    """With exponent one half and no shrinkage the similarities agree."""
    ours = dense(item_knn.fit(item_knn.Config(popularity_exponent=0.5, shrinkage=0), WORLD, rng()))
    theirs = CosineRecommender(K=30, num_threads=1)
    with warnings.catch_warnings():  # implicit warns about its own transpose
        warnings.simplefilter("ignore")
        theirs.fit(sparse.csr_matrix(MATRIX), show_progress=False)
    expected = theirs.similarity.toarray()
    np.fill_diagonal(expected, 0)
    assert ours == pytest.approx(expected, abs=1e-6)


def test_als_folds_a_shopper_in_as_implicit_does():
    """Without decay, our vector for a new shopper is that of implicit's least squares."""
    config = als.Config(factors=8, alpha=4.0, iterations=5, decay=1.0)
    ours = als.fit(config, WORLD, rng())
    with threadpool_limits(1, "blas"):
        theirs = AlternatingLeastSquares(
            factors=8, alpha=4.0, regularization=0.05, num_threads=1, dtype=np.float64
        )
        theirs.item_factors = ours.factors
        theirs.user_factors = np.zeros((1, 8))
        # implicit's confidence is alpha x value, ours 1 + alpha x strength: 4 x 5.25 = 1 + 4 x 5
        seen = sparse.csr_matrix(([5.25, 5.25], ([0, 0], [2, 4])), shape=(1, WORLD.n_products))
        expected = theirs.recalculate_user(0, seen)
    assert ours.terms(purchases(2, 4)).sum(axis=0) == pytest.approx(expected, rel=1e-4, abs=1e-6)


def purchases(*products):
    """Purchases of these products."""
    seen = activity(*products)
    return type(seen).of(seen.products, np.full(len(products), WORLD.types[0], dtype=np.int8))


def test_ease_is_its_closed_form():
    """B = -P / diag(P) for P = (X'X + ridge I)^-1, over the products with events."""
    model = ease.fit(ease.Config(ridge=3.0), WORLD, rng())
    dense_x = MATRIX.toarray()[:, :20].astype(np.float64)
    inverse = np.linalg.inv(dense_x.T @ dense_x + 3.0 * np.eye(20))
    expected = -inverse / np.diag(inverse)
    np.fill_diagonal(expected, 0)
    assert dense(model)[:20, :20] == pytest.approx(expected, abs=1e-6)
    assert not dense(model)[20:].any()


def test_slim_meets_the_conditions_of_its_minimum():
    """For weights above zero the gradient is zero; for the others it is not negative."""
    config = slim.Config(l1=0.5, l2=1.0, sweeps=2000)
    weights = dense(slim.fit(config, WORLD, rng()))
    counts = (MATRIX.T @ MATRIX).toarray().astype(np.float64)
    for target in range(20):
        w = weights[:, target]
        gradient = counts @ w - counts[:, target] + config.l2 * w + config.l1
        others = np.arange(20) != target
        assert np.abs(gradient[:20][others & (w[:20] > 0)]).max(initial=0) < 2e-2
        assert gradient[:20][others & (w[:20] == 0)].min(initial=0) > -2e-2


def test_slim_thins_a_large_log_evenly():
    """With room for half the pairs every second shopper is read."""
    pairs = int((np.diff(MATRIX.indptr).astype(np.int64) ** 2).sum())
    everything = np.arange(WORLD.n_products, dtype=np.int32)
    kept = slim.sample(slim.Config(pairs=pairs // 2), MATRIX, everything)
    assert (kept != MATRIX[::2]).nnz == 0


def test_random_walk_is_a_product_of_chances():
    """With beta 0, one step to a shopper and one to a product, as matrices."""
    model = random_walk.fit(random_walk.Config(beta=0.0), WORLD, rng())
    x = MATRIX.toarray().astype(np.float64)
    shopper = x / x.sum(axis=1, keepdims=True)
    product = x.T / np.maximum(x.sum(axis=0), 1)[:, None]
    expected = product @ shopper
    np.fill_diagonal(expected, 0)
    assert dense(model) == pytest.approx(expected, abs=1e-6)


def test_a_repeated_purchase_is_wanted_when_it_is_due():
    """Bought every ten days: wanted more after ten days than after one."""
    world = Dataset.from_sequences([[0, 0, 0, 1]] * 8, 3)
    times = np.tile(np.array([0, 10, 20, 20]) * DAY, 8)
    world = replace(world, times=times)
    model = repeat.fit(repeat.Config(), world, rng())
    past = world.activity(0)
    soon, due = (Context(at=moment((20 + days) * DAY)) for days in (1, 10))
    assert model.intervals[0] == pytest.approx(10, rel=0.01)
    assert model.score_all(past, due)[0] > 1.2 * model.score_all(past, soon)[0] > 0
    assert model.score_all(past, due)[0] > 2 * model.score_all(past, due)[1]
    assert model.score_all(past, CONTEXT)[2] == 0


@pytest.mark.parametrize(
    ("key", "kind", "config", "close"),
    [
        ("p3alpha", random_walk, random_walk.Config(beta=0.0), 1e-6),
        ("rp3beta", random_walk, random_walk.Config(beta=0.4), 1e-6),
        ("dense_slim", ease, ease.Config(ridge=3.0), 1e-6),
        ("slim", slim, slim.Config(l1=0.8, l2=1.2, sweeps=1000), 1e-3),
        ("cosine", item_knn, item_knn.Config(popularity_exponent=0.5, shrinkage=0), 1e-6),
        ("jaccard", item_knn, item_knn.Config(measure="jaccard"), 1e-6),
    ],
)
def test_every_weight_is_that_of_irspack(key, kind, config, close):
    """Where irspack 0.5.2 has the same model, it gave the same weights for the same 40 shoppers."""
    oracle = msgspec.json.decode(reference("vectors/irspack.json").read_bytes())
    world = Dataset.from_sequences(oracle["rows"], 15)
    rows = kind.fit(config, world, rng()).neighbours
    ours = np.zeros((15, 15))
    ours[np.repeat(np.arange(15), np.diff(rows.offsets)), rows.products] = rows.weights
    assert ours == pytest.approx(np.array(oracle[key]), abs=close)
