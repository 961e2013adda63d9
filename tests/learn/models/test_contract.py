"""What every model keeps, whatever it believes."""

import msgspec
import numpy as np
import pytest

from splitshelf.core.activity import Activity
from splitshelf.core.events import EVENT_CODES, EventType
from splitshelf.learn.blends import additive
from splitshelf.learn.dataset.cases import rests_of_visits
from splitshelf.learn.models import MODELS
from splitshelf.learn.training.recipe import PARTS
from worlds import CONTEXT, activity, checkerboard, two_shoppers

EVERYBODYS = {"popular", "trending", "rising", "repeat", "context"}
"""Models that tell no shopper from another, or know only what the shopper bought before."""
MEASURED = {"als", "sessions", "stan", "transformer", "user_knn"}
"""Models that are no sums: what an event adds is measured, and marked as approximate."""


def fitted(name, dataset, seed=0, later=None):
    """A model of the table, or the blend of them all, its weights learned on what came later."""
    rng = np.random.default_rng(seed)
    if name != "additive":
        kind = MODELS[name]
        return kind.fit(kind.config(), dataset, rng)
    parts = {part: fitted(part, dataset, seed) for part in PARTS}
    cases = rests_of_visits(later or dataset, 0, limit=50, history=20, rng=rng)
    return additive.fit(additive.Config(), parts, cases)


NAMES = [*sorted(MODELS), "additive"]
WORLDS = {"checkerboard": checkerboard(), "two_shoppers": two_shoppers()}


@pytest.fixture(scope="module", params=NAMES)
def name(request):
    """Each kind of model, and the blend."""
    return request.param


@pytest.fixture(scope="module")
def model(name):
    """It, fitted on the checkerboard."""
    return fitted(name, WORLDS["checkerboard"], later=checkerboard(seed=9))


def activities(seed=0, products=20, n=20):
    """Random activities of mixed events, an empty one first."""
    rng = np.random.default_rng(seed)
    kinds = ["view", "click", "add_to_cart", "purchase", "dismiss", "refund", "wishlist"]
    codes = np.array([EVENT_CODES[EventType(kind)] for kind in kinds], dtype=np.int8)
    yield activity()
    for _ in range(n):
        size = rng.integers(1, 9)
        yield Activity.of(
            rng.integers(0, products, size).astype(np.int32), rng.choice(codes, size=size)
        )


def test_even_shoppers_are_offered_even_products(name, model):
    """On the checkerboard the best products have the colour of the activity."""
    if name in EVERYBODYS or name == "habits":
        pytest.skip("tells no shopper from another, or offers nothing new")
    for colour in (0, 1):
        seen = activity(4 + colour, 8 + colour)
        offered = model.candidates(seen, CONTEXT, 5).products
        assert len(offered) == 5
        assert set((offered % 2).tolist()) == {colour}


def test_each_of_two_shoppers_is_offered_their_own(name):
    """In a world of two, a shopper's best products are those of their half."""
    if name in EVERYBODYS:
        pytest.skip("tells no shopper from another")
    both = fitted(name, WORLDS["two_shoppers"])
    assert set(both.candidates(activity(0, 1), CONTEXT, 2).products.tolist()) <= {0, 1, 2, 3}
    assert set(both.candidates(activity(5, 6), CONTEXT, 2).products.tolist()) <= {4, 5, 6, 7}


def test_parts_sum_to_the_score(model):
    """The evidence of every product adds up to its score, and holds no zero."""
    for seen in activities():
        scores = model.score_all(seen, CONTEXT)
        for product, score in enumerate(scores.tolist()):
            parts = model.evidence(seen, CONTEXT, product)
            assert sum(part.value for part in parts) == pytest.approx(score, abs=1e-6)
            assert all(part.value != 0 for part in parts)


def test_leaving_an_event_out_takes_its_part_away(name, model):
    """The score falls by exactly what the evidence says the event adds."""
    if name in MEASURED:
        pytest.skip("is no sum over events")
    for seen in activities(seed=1, n=5):
        for event in range(len(seen)):
            less = model.score_all(seen.without(event), CONTEXT)
            drop = model.score_all(seen, CONTEXT) - less
            for product in range(len(drop)):
                parts = model.evidence(seen, CONTEXT, product)
                cited = sum(part.value for part in parts if part.event == event)
                if not any(part.approximate for part in parts):
                    assert drop[product] == pytest.approx(cited, abs=1e-6)


def test_one_by_one_equals_all_at_once(model):
    """Scores of some products are those of all, in the order asked."""
    wanted = np.array([7, 0, 19, 7], dtype=np.int32)
    for seen in activities(seed=2):
        some = model.score(seen, CONTEXT, wanted)
        assert some.dtype == np.float64
        assert some.tolist() == model.score_all(seen, CONTEXT)[wanted].tolist()


def test_candidates_are_the_best_without_repeats(model):
    """They fall in score, ties by index, none twice, none at or below zero, at most n."""
    for seen in activities(seed=3):
        scores = model.score_all(seen, CONTEXT)
        order = np.lexsort((np.arange(len(scores)), -scores))
        for n in (0, 1, 5, 100):
            found = model.candidates(seen, CONTEXT, n)
            assert found.products.tolist() == order[scores[order] > 0][:n].tolist()
            assert found.scores.tolist() == scores[found.products].tolist()


def test_a_new_shopper_and_a_new_product_are_harmless(model):
    """No history gives finite scores; a product that nobody touched may be asked for and about."""
    assert np.isfinite(model.score_all(activity(), CONTEXT)).all()
    fresh = activity(20, 21)
    assert np.isfinite(model.score_all(fresh, CONTEXT)).all()
    model.evidence(fresh, CONTEXT, 21)


def test_a_product_newer_than_the_model_says_nothing(model):
    """An event with a product beyond those known changes no score and is no part."""
    newer = activity(2, 22, 1_000_000)
    older = newer.without(2).without(1)
    assert model.score_all(newer, CONTEXT) == pytest.approx(model.score_all(older, CONTEXT))
    assert all(part.event in {None, 0} for part in model.evidence(newer, CONTEXT, 4))


def test_it_survives_the_disk_without_pickle(name, model, tmp_path):
    """Restored from arrays and JSON it says the same."""
    if name == "additive":
        copy = additive.restore({}, reread(model.settings()), model.parts)
    else:
        arrays = {}
        for key, array in model.arrays().items():
            np.save(tmp_path / f"{key}.npy", array, allow_pickle=False)
            arrays[key] = np.load(tmp_path / f"{key}.npy", mmap_mode="r", allow_pickle=False)
        copy = MODELS[name].restore(arrays, reread(model.settings()))
    assert copy.name == model.name == name
    for seen in activities(seed=4, n=5):
        assert np.array_equal(copy.score_all(seen, CONTEXT), model.score_all(seen, CONTEXT))
        assert copy.evidence(seen, CONTEXT, 3) == model.evidence(seen, CONTEXT, 3)


def reread(settings):
    """Settings as they come back from a manifest."""
    return msgspec.json.decode(msgspec.json.encode(settings))


def test_the_same_seed_gives_the_same_bytes(name):
    """Two fits agree to the last bit, and settings too."""
    one, two = (fitted(name, WORLDS["checkerboard"], seed=3) for _ in range(2))
    assert one.settings() == two.settings()
    for key, array in one.arrays().items():
        assert array.tobytes() == two.arrays()[key].tobytes()


def test_the_dataset_and_the_activity_stay_as_they_were(name):
    """Fitting and scoring write into nothing that was given."""
    world = checkerboard()
    before = world.fingerprint()
    model = fitted(name, world)
    assert world.fingerprint() == before
    seen = activity(2, 4)
    model.score_all(seen, CONTEXT)[:] = -1
    assert seen.products.tolist() == [2, 4]
    assert model.score_all(seen, CONTEXT).max() >= 0


def test_supporters_are_distinct_shoppers(name):
    """One eager shopper stays one supporter, however often they come back."""
    for part in fitted(name, WORLDS["two_shoppers"]).evidence(activity(0), CONTEXT, 1):
        assert part.supporters in {None, 1}
