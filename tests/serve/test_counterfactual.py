"""The chance that a policy gives a logged slate is the one it would have logged itself."""

import msgspec
import numpy as np
import pytest

from serving import NOW, world
from splitshelf.core.context import Context
from splitshelf.core.requests import Policy, ShelfRequest
from splitshelf.serve.counterfactual import walk
from splitshelf.serve.race import Race


def policies():
    """Three that explore differently, and one that leaves nothing to chance."""
    warm = Policy(name="personal", model="additive", temperature=0.3, candidates=20)
    return {
        "personal": warm,
        "hot": msgspec.structs.replace(warm, name="hot", temperature=1.0),
        "popular": msgspec.structs.replace(warm, name="popular", model="popular"),
        "fixed": msgspec.structs.replace(warm, name="fixed", temperature=0.0),
    }


def exposures(shop, count=20, **more):
    """Logged slates of a shopper with a past."""
    for number in range(count):
        shop.ask(shopper=f"s{number % 4}", id=f"x{number}", **more)
    return list(shop.store.exposures.values())


@pytest.fixture
def shop():
    """A shop whose shoppers have looked at something."""
    made = world(policies=policies())
    for number in range(4):
        made.did(f"s{number}", f"view:p{number:03d}", f"view:p{number + 9:03d}")
    return made


def test_the_logging_policy_gives_its_own_propensities(shop):
    """Replayed under the policy that made it, each place has the logged chance."""
    for exposure in exposures(shop):
        found = walk(shop.recommender, exposure, policies()["personal"])
        logged = [place.propensity for place in exposure.slate]
        np.testing.assert_allclose(found.chance, logged, rtol=1e-9)


def test_the_filled_up_places_are_certain(shop):
    """A shelf longer than the pool ends with best-sellers, which the same policy repeats."""
    for exposure in exposures(shop, 4, n=45):
        found = walk(shop.recommender, exposure, policies()["personal"])
        np.testing.assert_allclose(found.chance, [one.propensity for one in exposure.slate])
        assert found.chance[-1] == 1.0


def test_chances_are_those_of_drawing(shop):
    """Over many requests, a policy puts a product first as often as its chance says."""
    exposure = exposures(shop, 1)[0]
    scene = shop.recommender.scene_then(exposure, policies()["hot"])
    shares = Race(scene).chances()
    firsts = [shop.recommender.ranked(scene, seed).products[0] for seed in range(4000)]
    count = np.array([firsts.count(int(code)) for code in Race(scene).codes])
    assert shares.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(count / 4000, shares, atol=5 * np.sqrt(0.25 / 4000))


def test_a_policy_without_chance_gives_one_or_zero(shop):
    """Where nothing is left to chance, the chance of a slate is that of its best products."""
    found = walk(shop.recommender, exposures(shop, 1)[0], policies()["fixed"])
    assert set(found.chance.tolist()) <= {0.0, 1.0}


def test_what_the_log_could_not_do_is_seen(shop):
    """Best-sellers beyond the pool of the personal policy are not in common with it."""
    exposure = exposures(shop, 1)[0]
    both = policies()
    apart = walk(shop.recommender, exposure, both["popular"], logged=both["personal"])
    same = walk(shop.recommender, exposure, both["hot"], logged=both["personal"])
    assert apart.common[0] < 0.9
    assert same.common[0] == pytest.approx(1.0)


def test_the_expected_value_is_the_mean_under_the_policy(shop):
    """The value of products, weighted by their chances at each place."""
    exposure = exposures(shop, 1)[0]
    values = np.arange(60, dtype=np.float64)
    found = walk(shop.recommender, exposure, policies()["hot"], values)
    race = Race(shop.recommender.scene_then(exposure, policies()["hot"]))
    assert found.expected[0] == pytest.approx(float(race.chances() @ values[race.codes]))


def test_a_sold_out_product_was_for_sale_when_it_was_shown(shop):
    """What stood on the slate keeps its chance after it sold out."""
    exposure = exposures(shop, 1)[0]
    first = exposure.slate[0].product
    gone = msgspec.structs.replace(shop.store.product(first), stock=0)
    shop.store.put_products([gone])
    found = walk(shop.recommender, exposure, policies()["personal"])
    assert found.chance[0] == pytest.approx(exposure.slate[0].propensity)


def test_a_shelf_about_a_product_replays(shop):
    """The page's product is part of the request, so the same policy gives the same chances."""
    request = ShelfRequest(
        id="pin", shopper="s1", placement="similar", context=Context(at=NOW), seeds=("p001",)
    )
    shop.recommender.recommend(request)
    found = walk(shop.recommender, shop.store.exposures["pin"], policies()["personal"])
    logged = [place.propensity for place in shop.store.exposures["pin"].slate]
    np.testing.assert_allclose(found.chance, logged)
