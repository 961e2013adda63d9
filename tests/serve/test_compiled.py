"""The compiled path says what the models say, score by score and reason by reason."""

from dataclasses import replace

import numpy as np
import pytest

from serving import NOW, artefact
from splitshelf.core.activity import Activity
from splitshelf.core.context import Context
from splitshelf.core.events import EVENT_CODES, EventType
from splitshelf.learn.blends.additive import Additive
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.models import MODELS
from splitshelf.serve.compiled import Compiled, ranker_of
from splitshelf.serve.placement import Query
from splitshelf.serve.rankers import Plain

N = 300
CONTEXT = Context(at=NOW, country="DE")
KINDS = ["view", "click", "add_to_cart", "purchase", "dismiss", "wishlist"]


@pytest.fixture(scope="module")
def models():
    """Every linear model of the table and their blend, fitted on 2,000 random shoppers."""
    rng = np.random.default_rng(0)
    tastes = rng.integers(0, 30, 2_000)
    rows = [
        ((taste * 10 + rng.integers(0, 25, rng.integers(2, 12))) % N // (1 + s % 2)).tolist()
        for s, taste in enumerate(tastes)
    ]
    attributes = [[i // 10, 100 + i % 7] for i in range(N)]
    dataset = Dataset.from_sequences(rows, N, attributes)
    said = dataset.shoppers() % 2
    dataset = replace(dataset, contexts=said, context_names=["country=DE", "country=FR"])
    names = ["popular", "item_knn", "covisits", "content", "context"]
    parts = {name: MODELS[name].fit(MODELS[name].config(), dataset, rng) for name in names}
    weights = dict(zip(names, (0.05, 0.4, 1.0, 0.3, 0.8), strict=True))
    return {**parts, "additive": Additive(parts, weights)}


def queries(count, longest=25):
    """Random activities of mixed events, an empty one first."""
    rng = np.random.default_rng(1)
    codes = np.array([EVENT_CODES[EventType(kind)] for kind in KINDS], dtype=np.int8)
    yield Query(Activity.of(np.empty(0, np.int32)), "popular")
    for _ in range(count):
        size = rng.integers(1, longest)
        products = rng.integers(0, N, size).astype(np.int32)
        yield Query(Activity.of(products, rng.choice(codes, size=size)), "personal")


@pytest.mark.parametrize(
    "name", ["popular", "item_knn", "covisits", "content", "context", "additive"]
)
def test_compiled_equals_plain(models, name):
    """The same products in the same order, the same scores, the same causes and details."""
    fast, slow = ranker_of(models[name]), Plain(models[name])
    assert isinstance(fast, Compiled)
    rng = np.random.default_rng(2)
    for query in queries(60):
        sellable = rng.random(N) < 0.8
        blocked = rng.choice(N + 5, 12).astype(np.int32)
        got = fast.pool(query, CONTEXT, sellable, blocked, 60)
        expected = slow.pool(query, CONTEXT, sellable, blocked, 60)
        assert got.scores == pytest.approx(expected.scores, abs=1e-9)
        assert sellable[got.products].all()
        assert not np.isin(got.products, blocked).any()
        apart = np.diff(expected.scores, prepend=np.inf) < -1e-9
        sure = apart & np.append(apart[1:], False)
        assert got.products[sure].tolist() == expected.products[sure].tolist()
        codes = got.products[:12].tolist()
        expected = slow.causes(query, CONTEXT, codes)
        pairs = zip(fast.causes(query, CONTEXT, codes), expected, strict=True)
        for mine, theirs in pairs:
            assert (mine is None) == (theirs is None)
            if mine is not None:
                assert mine.value == pytest.approx(theirs.value, abs=1e-9)
                assert mine.kind == theirs.kind
                assert mine.event == theirs.event
                assert mine.detail == theirs.detail
                assert mine.supporters == theirs.supporters


def test_a_moment_is_cited_where_it_adds_most(models):
    """Some product is wanted for its country: the fast path says so, as the parts do."""
    ranker = ranker_of(models["additive"])
    query = next(queries(1))
    pool = ranker.pool(query, CONTEXT, np.ones(N, dtype=bool), np.empty(0, dtype=np.int32), 12)
    causes = ranker.causes(query, CONTEXT, pool.products.tolist())
    assert {cause.detail for cause in causes if cause is not None} >= {"country=DE"}
    assert all(cause.supporters >= 10 for cause in causes if cause is not None)


def test_scratch_is_left_clean(models):
    """A request does not see what an earlier one scored."""
    ranker = ranker_of(models["additive"])
    sellable = np.ones(N, dtype=bool)
    none = np.empty(0, dtype=np.int32)
    first = [ranker.pool(query, CONTEXT, sellable, none, 60).scores for query in queries(20)]
    again = [ranker.pool(query, CONTEXT, sellable, none, 60).scores for query in queries(20)]
    for one, other in zip(first, again, strict=True):
        assert one.tolist() == other.tolist()


def test_a_model_of_another_kind_is_asked_plainly():
    """What we cannot compile still answers."""
    assert isinstance(ranker_of(artefact().models["additive"]), Plain)
