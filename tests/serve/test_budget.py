"""What chance may cost, in a shop's words, and what it then does cost."""

import numpy as np
import pytest

from serving import artefact, world
from splitshelf.core.settings import ServeSettings, Settings
from splitshelf.serve.budget import LEAST, MOST

BUNDLE = artefact(60)


def shop_of(allowed, store=None, temperature=0.05):
    """A shop with that budget and thirty shoppers with a past."""
    serve = ServeSettings(explore_loss=allowed, temperature=temperature)
    shop = world(bundle=BUNDLE, settings=Settings(serve=serve))
    for person in range(30):
        shop.did(f"s{person}", f"view:p{person:03d}", f"view:p{person + 20:03d}")
    shop.recommender.replace_artefact(artefact(60, version="v2"))
    return shop


def loss(shop, placement="home"):
    """The discounted score that is lost on average against the best order, over 20 shoppers."""
    lost = []
    for person in range(20):
        gains = []
        for _ in range(25):
            slate = shop.ask(f"s{person}", placement=placement, fresh=True)
            gains.append(sum(i.score / np.log2(2 + i.position) for i in slate.items))
        request = shop.store.exposures[slate.id]
        pool = shop.recommender.scene_then(request).pool().scores[: len(slate.items)]
        lost.append(1 - np.mean(gains) / (pool / np.log2(2 + np.arange(len(pool)))).sum())
    return np.mean(lost)


@pytest.mark.parametrize("allowed", [0.01, 0.03, 0.1])
def test_chance_costs_what_it_may_and_little_less(allowed):
    """Measured on the shelves themselves, not on those that the temperature was found from."""
    assert loss(shop_of(allowed)) == pytest.approx(allowed, rel=0.35)


def test_every_placement_has_a_temperature_of_its_own():
    """Found once for an artefact, kept in the store, the same in every process."""
    shop = shop_of(0.03)
    tuned = shop.recommender._state.tuned
    temperatures = {place: policy.temperature for (_, place), policy in tuned.items()}
    assert len(set(temperatures.values())) > 3
    assert all(LEAST <= one <= MOST for one in temperatures.values())
    kept = dict(shop.store.papers)
    shop.recommender.replace_artefact(artefact(60, version="v2"))
    assert shop.store.papers == kept
    assert shop.recommender._state.tuned == tuned


def test_without_a_budget_nothing_is_sought():
    """The temperature of the settings counts, and no document is written."""
    shop = shop_of(0.0)
    assert shop.recommender._state.tuned == {}
    assert not [kind for kind, _ in shop.store.papers if kind == "exploration"]


def test_a_shop_that_leaves_nothing_to_chance_goes_on_so():
    """A temperature of 0 is not raised by a budget."""
    slate = shop_of(0.1, temperature=0.0).ask("s1")
    assert {item.propensity for item in slate.items} == {1.0}


def test_what_was_drawn_by_a_budget_replays_exactly():
    """The account of such a slate finds the same policy, order and chances."""
    shop = shop_of(0.05)
    slate = shop.ask("s3")
    exposure = shop.store.exposures[slate.id]
    ranked = shop.recommender.ranked(shop.recommender.scene_then(exposure), exposure.seed)
    assert ranked.propensities == [one.propensity for one in exposure.slate]
