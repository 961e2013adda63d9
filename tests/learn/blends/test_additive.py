"""The blend: weights that held-out answers chose."""

import numpy as np
import pytest

from splitshelf.core.evidence import Part, PartKind
from splitshelf.learn.blends import additive
from splitshelf.learn.blends.lists import Lists, gather
from splitshelf.learn.dataset.cases import Case
from splitshelf.learn.models import MODELS
from worlds import CONTEXT, activity, checkerboard


def fit(names, cases):
    """A blend of some models of the checkerboard."""
    rng = np.random.default_rng(0)
    world = checkerboard()
    parts = {name: MODELS[name].fit(MODELS[name].config(), world, rng) for name in names}
    return additive.fit(additive.Config(), parts, cases)


def test_a_part_that_misleads_is_left_out():
    """Where the answer never is popular, popularity gets no weight."""
    world = checkerboard()
    popular = MODELS["popular"].fit(MODELS["popular"].config(), world, np.random.default_rng(0))
    rare = np.argsort(popular.score_all(activity(), CONTEXT))[2:8]
    cases = [Case.of(activity((int(p) + 2) % 20, (int(p) + 4) % 20), int(p)) for p in rare]
    lists = gather({"popular": popular}, cases, 50)
    assert additive.ndcg(lists, np.ones(1), 10) < 0.5
    blend = fit(["popular", "item_knn"], cases)
    assert blend.weights["item_knn"] > blend.weights.get("popular", 0.0)


def test_without_cases_all_have_their_say():
    """A shop without any held-out event still gets a blend."""
    assert set(fit(["popular", "content"], []).weights) == {"popular", "content"}


def lists(scores, wanted, targets):
    """One case with one part."""
    return Lists(
        offsets=np.array([0, len(scores)]),
        scores=np.array(scores, dtype=float)[:, None],
        wanted=np.array(wanted, dtype=bool),
        targets=np.array([targets]),
    )


def test_ties_count_against_us():
    """A target that shares its score with another stands behind it."""
    one = np.ones(1)
    assert additive.ndcg(lists([1, 1], [1, 0], 1), one, 10) == pytest.approx(1 / np.log2(3))
    assert additive.ndcg(lists([1, 0.5], [1, 0], 1), one, 10) == pytest.approx(1.0)


def test_many_targets_share_the_ideal():
    """Two of two at ranks 1 and 3, and one of two that nobody proposed."""
    found = additive.ndcg(lists([3, 2, 1], [1, 0, 1], 2), np.ones(1), 10)
    assert found == pytest.approx((1 + 0.5) / (1 + 1 / np.log2(3)))
    found = additive.ndcg(lists([3], [1], 2), np.ones(1), 10)
    assert found == pytest.approx(1 / (1 + 1 / np.log2(3)))


def test_the_parts_of_one_event_are_one():
    """Two models that cite one event make one part, named after the larger."""
    parts = [
        Part(kind=PartKind.EVENT, model="covisits", value=2.0, event=0, supporters=5),
        Part(kind=PartKind.ATTRIBUTE, model="content", value=0.5, event=0, detail="brand=A"),
        Part(kind=PartKind.POPULARITY, model="popular", value=0.1),
    ]
    merged = additive.merge(parts)
    assert [(part.model, part.value) for part in merged] == [("covisits", 2.5), ("popular", 0.1)]


def told(gain, cases=400, seed=0):
    """Lists of two parts and one on probation, which lifts the wanted product in that many cases.

    In the others it lifts any product, whether wanted or not.
    """
    rng = np.random.default_rng(seed)
    scores = rng.random((cases, 8, 3))
    wanted = np.zeros((cases, 8), dtype=bool)
    wanted[:, 0] = True
    scores[:, 0, 0] += 0.4
    scores[:, :, 2] = 0.0
    lifted = np.where(rng.random(cases) < gain, 0, rng.integers(0, 8, cases))
    scores[np.arange(cases), lifted, 2] = 1.0
    offsets = 8 * np.arange(cases + 1)
    return Lists(offsets, scores.reshape(-1, 3), wanted.ravel(), np.ones(cases, dtype=np.int64))


def test_a_part_on_probation_stays_where_it_helps_beyond_doubt():
    """With as much harm as help it goes; with help it keeps the weight that was learned."""
    names, config = ["slim", "popular", "context"], additive.Config(cutoff=3)
    useful, useless = told(0.6), told(0.0)
    kept = additive.approved(config, useful, np.ones(3), names)
    assert kept[2] == 1.0
    gone = additive.approved(config, useless, np.ones(3), names)
    assert gone[2] == 0.0
    assert (gone[:2] >= 0).all()
    assert gone[0] > 0


def test_what_is_not_on_probation_is_not_asked():
    """The weights of other parts are as the search found them."""
    weights = np.array([1.0, 0.5, 0.2])
    found = additive.approved(additive.Config(), told(0.0), weights, ["slim", "popular", "markov"])
    assert found.tolist() == weights.tolist()
