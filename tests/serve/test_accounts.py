"""Accounts of slates: every placement, shared shelves, pins, what is gone, what if not."""

import msgspec
import pytest

from serving import NOW, products, world
from splitshelf.core.errors import InputError
from splitshelf.core.evidence import PartKind
from splitshelf.core.experiments import Experiment, Kind, Status, Variant
from splitshelf.core.requests import Policy
from splitshelf.serve.accounts import account_of, otherwise
from splitshelf.serve.placements import PLACEMENTS
from splitshelf.serve.rule import Rule
from splitshelf.web.dashboard.explanations import KINDS, SERIES, explained

WARM = Policy(name="personal", model="additive", temperature=0.3, candidates=20)
POLICIES = {
    "personal": WARM,
    "popular": msgspec.structs.replace(WARM, name="popular", model="popular"),
}
LISTED = tuple(f"p{i:03d}" for i in range(8, 40, 2))


@pytest.fixture
def shop():
    """A shop where Ann has a past and some products were published lately."""
    made = world(policies=POLICIES)
    made.did("ann", "view:p001", "view:p013", "purchase:p020", "view:p001")
    made.store.put_products(
        [msgspec.structs.replace(one, published=NOW) for one in products(60)[20:40]]
    )
    return made


def account(shop, slate):
    """The account of a slate that was just asked for."""
    return account_of(shop.recommender, shop.store.exposures[slate.id])


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_every_placement_is_accounted_for_and_drawn(shop, placement):
    """Exactly as logged, each place in words, and ready for the dashboard."""
    listed = PLACEMENTS[placement].listed
    slate = shop.ask(placement=placement, seeds=("p005",), products=LISTED if listed else ())
    found = account(shop, slate)
    assert found.exact, found.differs
    assert all(item.place for item in found.items)
    drawn = explained(found, shop.store)
    assert len(drawn.items) == len(slate.items)
    assert [act.product for act in found.history][:1] != ["p020"]


def test_every_kind_of_part_has_words_and_a_colour():
    """A new kind cannot be forgotten on the dashboard."""
    assert set(KINDS) == set(SERIES) == set(PartKind)


def test_a_shared_shelf_is_accounted_for_by_who_put_each_product_there(shop):
    """An interleaved shelf comes out exactly, and names the policy behind each place."""
    variants = (
        Variant(name="control", policy="popular", weight=0.5),
        Variant(name="personal", policy="personal", weight=0.5),
    )
    plan = Experiment(id="mix", variants=variants, kind=Kind.INTERLEAVING)
    plan = msgspec.structs.replace(
        plan, interleaving="team_draft", status=Status.RUNNING, started=NOW
    )
    shop.experiments.append(plan)
    found = account(shop, shop.ask(id="one"))
    assert found.exact, found.differs
    assert {item.place for item in found.items} >= {
        "put there by popular",
        "put there by personal",
    }


def test_a_pin_and_the_rules_in_force_are_named(shop):
    """Who asks why a product stands first learns which rule put it there."""
    rule = Rule(name="first", kind="pin", product="p038", position=0)
    shop.store.put_document("rule", rule.name, msgspec.json.encode(rule))
    found = account(shop, shop.ask(id="pinned"))
    assert found.rules == ["first"]
    assert found.items[0].place == "pinned there by a rule"


def test_the_shelf_without_one_product_is_drawn_again(shop):
    """All that was done with it is left out; what nobody did cannot be left out."""
    slate = shop.ask(id="whole")
    exposure = shop.store.exposures["whole"]
    other = otherwise(shop.recommender, exposure, "p001")
    assert other.events == 2
    assert len(other.products) == len(slate.items)
    assert other.products != [item.product for item in slate.items]
    with pytest.raises(InputError, match="Nothing that was read for 'whole' is about"):
        otherwise(shop.recommender, exposure, "p030")


def test_a_product_that_is_gone_for_good_does_not_hinder_the_account(shop):
    """Neither catalogue nor artefact know it: the rest is told, and that it is gone."""
    slate = shop.ask(id="old")
    exposure = shop.store.exposures["old"]
    lost = exposure.slate[0]
    gone = type(lost)("never-heard-of", lost.position, lost.score, lost.propensity)
    shop.store.exposures["old"] = msgspec.structs.replace(
        exposure, slate=(gone, *exposure.slate[1:])
    )
    found = account_of(shop.recommender, shop.store.exposures["old"])
    assert "not hold this product any more" in found.items[0].reason
    assert not found.exact
    assert [item.product for item in found.items[1:]] == [i.product for i in slate.items[1:]]
