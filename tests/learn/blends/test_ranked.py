"""The ranked blend: its trees, its candidates, what it learns and how it is kept."""

import lightgbm
import numpy as np
import pytest

from splitshelf.core.activity import Activity
from splitshelf.core.clock import DAY
from splitshelf.learn.blends import BLENDS, additive, ranked
from splitshelf.learn.blends.candidates import describe, names
from splitshelf.learn.dataset.cases import Case
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.evaluation.protocols.leave_one_out import leave_one_out
from splitshelf.learn.forests import Forest
from splitshelf.learn.models import MODELS
from worlds import CONTEXT, activity


def ring(shoppers=400, products=40, seed=1):
    """Shoppers who walk along a ring, two steps at a time, from anywhere; two attributes."""
    rng = np.random.default_rng(seed)
    starts = rng.integers(products, size=shoppers)
    rows = [[int(start + 2 * step) % products for step in range(6)] for start in starts]
    return Dataset.from_sequences(rows, products, [[p % 2, 2 + p // 4] for p in range(products)])


def parts_of(dataset):
    """Three kinds of model with their defaults."""
    rng = np.random.default_rng(0)
    kinds = {name: MODELS[name] for name in ("popular", "item_knn", "content")}
    return {name: kind.fit(kind.config(), dataset, rng) for name, kind in kinds.items()}


@pytest.fixture(scope="module")
def blend():
    """A ranked blend of the ring, and the questions that it was not taught."""
    split = leave_one_out(ring(), kept_back=1)
    parts = parts_of(split.past)
    asked = [split.questions[i] for i in range(len(split.questions))]
    cases = [Case(q.activity, q.relevant, q.context) for q in asked]
    return ranked.fit(ranked.Config(rounds=30), parts, cases[:300]), cases[300:]


def hits(model, cases):
    """How often the first candidate is the target."""
    first = [model.candidates(c.activity, c.context, 1).products for c in cases]
    return np.mean([f[0] == c.targets[0] for f, c in zip(first, cases, strict=True)])


def test_a_forest_says_what_lightgbm_says():
    """Flattened trees give LightGBM's own predictions."""
    rng = np.random.default_rng(3)
    table = rng.normal(size=(500, 4)).astype(np.float32)
    target = table[:, 0] * table[:, 1] + rng.normal(size=500) * 0.1
    booster = lightgbm.train({"verbose": -1}, lightgbm.Dataset(table, target), 20)
    forest = Forest.of(booster.dump_model()["tree_info"])
    assert forest.predict(table) == pytest.approx(booster.predict(table), abs=1e-9)


def test_it_learns_what_no_part_says(blend):
    """No part knows the direction of the ring; the trees find it in ranks and steps."""
    model, cases = blend
    best_part = max(hits(part, cases) for part in model.parts.values())
    assert len(model.forest.roots) > 0
    assert hits(model, cases) > best_part


def test_scores_are_positive_for_candidates_alone(blend):
    """Between 0 and 1, exactly 0 for products that no part proposed and for those seen."""
    model, _ = blend
    seen = activity(4, 6, 8)
    scores = model.score_all(seen, CONTEXT)
    found = describe(model.parts, seen, CONTEXT, model.config.depth, repeats=False)
    assert ((scores > 0) & (scores < 1))[found.products].all()
    assert np.count_nonzero(scores) == len(found.products)
    assert (scores[[4, 6, 8]] == 0).all()


def test_with_repeats_the_activity_takes_part():
    """Products of the session itself are candidates, with how often and how lately."""
    parts = parts_of(ring())
    found = describe(parts, activity(4, 6, 4), CONTEXT, 5, repeats=True)
    columns = names(parts)
    assert found.table.shape[1] == len(columns)
    row = found.products.tolist().index(4)
    other = found.products.tolist().index(6)
    seen, steps = columns.index("times seen"), columns.index("steps since seen")
    assert found.table[row, [seen, steps]].tolist() == [2, 1]
    assert found.table[other, [seen, steps]].tolist() == [1, 2]


def test_a_case_that_nobody_proposed_is_not_described():
    """It teaches nothing; with a product that is proposed the table is as ever."""
    parts, seen = parts_of(ring()), activity(4, 6)
    whole = describe(parts, seen, CONTEXT, 5, repeats=False)
    there = describe(parts, seen, CONTEXT, 5, repeats=False, only_with=whole.products[:1])
    assert np.array_equal(whole.table, there.table)
    absent = np.setdiff1d(np.arange(40, dtype=np.int32), whole.products)[:1]
    empty = describe(parts, seen, CONTEXT, 5, repeats=False, only_with=absent)
    assert empty.table.shape == (0, whole.table.shape[1])
    assert empty.competitors == 40


def test_a_sum_of_parts_is_a_column_of_its_own():
    """It is what the blend says, also where one of its terms is silent."""
    parts = parts_of(ring())
    terms = {"popular": 0.25, "item_knn": 2.0}
    blend = additive.Additive({name: parts[name] for name in terms}, terms)
    more, seen = {**parts, "sum": blend}, activity(4, 6)
    found = describe(more, seen, CONTEXT, 5, repeats=False, silent=("popular", "content"))
    place = names(more).index("sum score")
    expected = blend.score(seen, CONTEXT, found.products)
    assert found.table[:, place] == pytest.approx(expected, rel=1e-6)
    said = parts["content"].score(seen, CONTEXT, found.products)
    assert found.table[:, names(more).index("content score")] == pytest.approx(said, rel=1e-6)


def test_silent_parts_describe_and_propose_nothing():
    """With popularity silent only neighbours and content propose, and its columns are filled."""
    parts, seen = parts_of(ring()), activity(4, 6)
    heard = {name: part for name, part in parts.items() if name != "popular"}
    alone = describe(heard, seen, CONTEXT, 2, repeats=False)
    silent = describe(parts, seen, CONTEXT, 2, repeats=False, silent=("popular",))
    column = silent.table[:, names(parts).index("popular score")]
    assert np.array_equal(silent.products, alone.products)
    assert column == pytest.approx(parts["popular"].score(seen, CONTEXT, silent.products))


def test_instants_say_when_a_product_is_due():
    """Bought on days 0, 2 and 4 of 5: in three of five orders, due again today."""
    days = np.array([0, 1, 2, 3, 4, 4]) * DAY
    orders = Activity.of(np.array([4, 6, 4, 8, 4, 6], dtype=np.int32), times=days)
    parts = parts_of(ring())
    found = describe(parts, orders, CONTEXT, 5, repeats=True)
    row = found.table[found.products.tolist().index(4)]
    about = dict(zip(names(parts), row.tolist(), strict=True))
    assert about["instants"] == 5
    assert about["instants since seen"] == 1
    assert about["instants with it"] == 3
    assert about["instants since first seen"] == 5
    assert about["share of instants"] == pytest.approx(3 / 5)
    assert about["instants since seen over usual gap"] == pytest.approx(1 / 2)


def test_bags_are_averaged_and_courses_joined(blend):
    """Two bags hold the trees of two boosters; the parts are those of the last course."""
    model, cases = blend
    other = dict(model.parts)
    config = ranked.Config(rounds=5, bags=2)
    bagged = ranked.teach(config, [(model.parts, cases[:40]), (other, cases[40:])])
    assert bagged.parts is other
    single = ranked.teach(ranked.Config(rounds=5), [(other, cases)])
    assert len(single.forest.roots) < len(bagged.forest.roots)
    case = cases[0]
    assert bagged.score_all(case.activity, case.context).max() < 1


def test_shared_attributes_are_counted():
    """Product 5 shares its block with 4 and its parity with 7; product 10 nothing."""
    parts = parts_of(ring())
    found = describe(parts, activity(7, 4), CONTEXT, 50, repeats=False)
    column = names(parts).index("attributes of newest")
    shared = dict(zip(found.products.tolist(), found.table[:, column].tolist(), strict=True))
    assert shared[5] == 1
    assert shared[6] == 2
    assert shared[9] == 0


def test_it_survives_the_disk_and_new_parts(blend):
    """Restored it says the same; with the same parts fitted anew, too."""
    model, cases = blend
    copy = BLENDS["ranked"].restore(dict(model.arrays()), model.settings(), model.parts)
    again = BLENDS["ranked"].rebase(model, model.parts)
    for case in cases[:5]:
        scores = model.score_all(case.activity, case.context)
        assert np.array_equal(copy.score_all(case.activity, case.context), scores)
        assert np.array_equal(again.score_all(case.activity, case.context), scores)


def test_parts_sum_to_the_score_and_are_marked(blend):
    """What an event adds is measured by leaving it out."""
    model, cases = blend
    case = cases[0]
    product = int(model.candidates(case.activity, case.context, 1).products[0])
    parts = model.evidence(case.activity, case.context, product)
    score = model.score(case.activity, case.context, np.array([product], dtype=np.int32))[0]
    assert sum(part.value for part in parts) == pytest.approx(score, abs=1e-9)
    assert all(part.approximate for part in parts)


def test_without_cases_the_first_part_orders():
    """A shop on its first day has nothing to learn from, and still has an order."""
    parts = parts_of(ring())
    model = ranked.fit(ranked.Config(), parts, [])
    seen = activity(4, 6)
    best = model.candidates(seen, CONTEXT, 3).products
    scores = parts["popular"].score_all(seen, CONTEXT)
    scores[[4, 6]] = 0
    assert scores[best[0]] == scores.max()


def test_products_newer_than_the_parts_say_nothing(blend):
    """An index that the parts never saw changes nothing but its place in time."""
    model, _ = blend
    scores = model.score_all(activity(4, 6, 1_000_000), CONTEXT)
    assert np.isfinite(scores).all()
    assert len(scores) == 40
