"""Interleaved shelves: two policies share each, whose each place is is logged with its chance."""

from collections import Counter

import msgspec
import numpy as np
import pytest

from serving import NOW, world
from splitshelf.core.experiments import INTERLEAVED, Experiment, Kind, Status, Variant
from splitshelf.core.requests import Policy
from splitshelf.serve.interleaving import interleave
from splitshelf.serve.race import Race

WARM = Policy(name="personal", model="additive", temperature=0.3, candidates=20)
POLICIES = {
    "personal": WARM,
    "popular": msgspec.structs.replace(WARM, name="popular", model="popular"),
}


def plan(method="team_draft", **changes):
    """Best-sellers against personal shelves, for everybody."""
    fields = {
        "id": "mix",
        "variants": (
            Variant(name="control", policy="popular", weight=0.5),
            Variant(name="personal", policy="personal", weight=0.5),
        ),
        "kind": Kind.INTERLEAVING,
        "interleaving": method,
        "status": Status.RUNNING,
        "started": NOW,
    }
    return Experiment(**fields | changes)


@pytest.fixture
def shop():
    """A shop where Ann has a past."""
    made = world(policies=POLICIES)
    made.did("ann", "view:p001", "view:p013")
    return made


@pytest.mark.parametrize("method", ["team_draft", "balanced"])
def test_each_place_says_whose_it_is(shop, method):
    """A shelf holds both policies' products, no product twice, and names both policies."""
    shop.experiments.append(plan(method))
    slate = shop.ask(id="one")
    exposure = shop.store.exposures["one"]
    assert (exposure.experiment, exposure.variant) == ("mix", INTERLEAVED)
    assert exposure.policy == "popular+personal"
    assert len(exposure.teams) == len(exposure.slate) == len(slate.items) == 12
    products = [place.product for place in exposure.slate]
    assert len(set(products)) == 12
    assert {0, 1} <= set(exposure.teams)


def test_team_draft_gives_each_policy_half_of_the_places(shop):
    """After every round both have as many."""
    shop.experiments.append(plan())
    for number in range(20):
        shop.ask(id=f"r{number}")
        teams = shop.store.exposures[f"r{number}"].teams
        assert Counter(teams)[0] == Counter(teams)[1] == 6


def test_the_logged_chance_is_how_often_it_happens(shop):
    """Over many draws, each product stands first as often as the chance that was logged."""
    shop.experiments.append(plan())
    request = shop.recommender
    shop.ask(id="one")
    exposure = shop.store.exposures["one"]
    scenes = [request.scene_then(exposure, POLICIES[name]) for name in ("popular", "personal")]
    drawn = [interleave(*scenes, "team_draft", seed).ranked for seed in range(3000)]
    count, logged = Counter(), {}
    for ranked in drawn:
        count[ranked.products[0]] += 1
        logged[ranked.products[0]] = ranked.propensities[0]
    for code, chance in logged.items():
        assert count[code] / 3000 == pytest.approx(chance, abs=5 * np.sqrt(0.25 / 3000))
    shares = [Race(scene).chances() for scene in scenes]
    assert sum(0.5 * share.sum() for share in shares) == pytest.approx(1.0)


def test_a_replay_shows_the_same_shelf_with_reasons(shop):
    """Asked again with the same id after a restart, products, places and chances are the logged."""
    shop.experiments.append(plan())
    before = shop.ask(id="one")
    shop.recommender._slates.clear()
    again = shop.ask(id="one")
    assert [item.product for item in again.items] == [item.product for item in before.items]
    assert [item.reason for item in again.items] == [item.reason for item in before.items]


def test_shoppers_outside_see_the_default(shop):
    """With a coverage below one, whoever is not part of it gets an ordinary shelf."""
    shop.experiments.append(plan(coverage=0.3))
    for number in range(200):
        shop.ask(shopper=f"s{number}", id=f"r{number}")
    mixed = sum(bool(one.teams) for one in shop.store.exposures.values())
    assert 0.2 < mixed / 200 < 0.4
