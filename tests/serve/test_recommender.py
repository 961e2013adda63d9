"""A slate is right for the shopper, the shop and the log."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from serving import NOW, Artefact, artefact, products, world
from splitshelf.core.context import Context
from splitshelf.core.errors import UnknownName
from splitshelf.core.experiments import Experiment, Status, Variant
from splitshelf.core.requests import ShelfRequest
from splitshelf.core.settings import ServeSettings, Settings
from splitshelf.serve.placements import PLACEMENTS
from splitshelf.serve.words import TEXTS, TITLES, languages, say

AB = Experiment(
    id="ab",
    variants=(
        Variant(name="control", policy="popular", weight=0.5),
        Variant(name="treatment", policy="personal", weight=0.5),
    ),
    status=Status.RUNNING,
)


LISTED = tuple(f"p{i:03d}" for i in (50, 49, 15, 41, 40, 3, 2, 42, 36, 35, 34, 33, 32, 31, 8))
"""Fifteen products of which three are seeds, excluded or sold out, as the test below has it."""


def shown(slate):
    """The ids on a shelf, in order."""
    return [item.product for item in slate.items]


def test_a_click_changes_the_next_answer():
    """What was just looked at changes the shelf, and the reason names it."""
    shop = world()
    before = shop.ask(placement="because_viewed")
    shop.did("ann", "view:p003")
    after = shop.ask(placement="because_viewed")
    assert before.stage == "popular"
    assert before.title == "Popular in the shop"
    assert after.stage == "product"
    assert after.title == "Because you looked at Thing 3"
    assert after.items[0].reason.text == "Because you looked at Thing 3"
    assert after.items[0].reason.product == "p003"
    assert shown(before) != shown(after)


def test_the_same_id_gets_the_same_slate():
    """A request id answered before replays its slate although the shopper went on."""
    shop = world()
    shop.did("ann", "view:p003", "purchase:p007")
    first = shop.ask(id="again")
    shop.did("ann", "view:p020", "view:p021", minutes=-1)
    assert shop.ask(id="again") is first
    shop.recommender._slates.clear()
    assert shop.ask(id="again") == first
    assert shown(shop.ask()) != shown(first)


def test_the_exposure_holds_what_was_shown():
    """The log has every product with position, score and propensity, and what replay needs."""
    shop = world()
    shop.did("ann", "view:p003", "view:p004")
    slate = shop.ask(seeds=("p009",), exclude=("p001",), session="s1")
    exposure = shop.store.exposures[slate.id]
    assert [one.product for one in exposure.slate] == shown(slate)
    assert [one.propensity for one in exposure.slate] == [i.propensity for i in slate.items]
    assert all(0 < one.propensity <= 1 for one in exposure.slate)
    assert exposure.events_seen == 2
    assert exposure.model == "v1"
    assert exposure.seeds == ("p009",)
    assert exposure.exclude == ("p001",)
    assert exposure.shopper == "ann"
    assert slate.logged


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_every_placement_is_full_and_clean(placement):
    """N different sellable products, no seed, nothing excluded, every one with a reason."""
    shop = world()
    shop.did("ann", "view:p003", "add_to_cart:p005", "purchase:p007")
    shop.store.put_products([replace(products(60)[i], stock=0) for i in range(10, 30)])
    more = {"products": LISTED} if PLACEMENTS[placement].listed else {}
    seeds = ("p002", "p005")
    slate = shop.ask(placement=placement, seeds=seeds, exclude=("p040",), n=12, **more)
    ids = shown(slate)
    assert len(ids) == len(set(ids)) == 12
    assert not {"p002", "p005", "p040"} & set(ids)
    assert not {f"p0{i}" for i in range(10, 30)} & set(ids)
    assert [item.position for item in slate.items] == list(range(12))
    assert all(item.reason.text for item in slate.items)
    assert slate.items[0].title.startswith("Thing ")


@given(
    sold_out=st.sets(st.integers(0, 29)),
    excluded=st.sets(st.integers(0, 29), max_size=10),
    bought=st.lists(st.integers(0, 29), max_size=20),
    viewed=st.lists(st.integers(0, 29), max_size=10),
    n=st.integers(1, 30),
)
@settings(deadline=None, max_examples=150)
def test_a_shelf_is_never_short_and_never_out_of_stock(sold_out, excluded, bought, viewed, n):
    """As long as the shop has products that may be shown, the shelf is full of them."""
    shop = world(30, bundle=_BUNDLE)
    shop.store.put_products([replace(products(30)[i], stock=0) for i in sold_out])
    shop.did("ann", *(f"purchase:p{i:03d}" for i in bought), *(f"view:p{i:03d}" for i in viewed))
    slate = shop.ask(n=n, exclude=tuple(f"p{i:03d}" for i in excluded))
    allowed = {f"p{i:03d}" for i in range(30)} - {f"p{i:03d}" for i in sold_out | excluded}
    ids = shown(slate)
    assert len(ids) == len(set(ids)) == min(n, len(allowed))
    assert set(ids) <= allowed
    fresh = len(allowed - {f"p{i:03d}" for i in bought})
    assert len(set(ids) - {f"p{i:03d}" for i in bought}) == min(n, fresh)


_BUNDLE = artefact(30)


def test_stock_counts_in_the_very_next_answer():
    """A product that sells out, is hidden or deleted is gone at once, and back at once."""
    shop = world()
    shop.did("ann", "view:p003")
    first = shown(shop.ask(n=5))
    every = products(60)
    gone = [int(i[1:]) for i in first[:3]]
    shop.store.put_products([replace(every[gone[0]], stock=0)])
    shop.store.put_products([replace(every[gone[1]], available=False)])
    shop.store.delete_products([first[2]])
    assert not set(first[:3]) & set(shown(shop.ask(n=40)))
    shop.store.put_products([every[i] for i in gone])
    assert set(first[:3]) <= set(shown(shop.ask(n=40)))


def test_what_was_bought_lately_stays_off():
    """Bought within the policy's days is hidden, bought before that is not."""
    shop = world()
    shop.did("ann", "view:p003", "purchase:p010", "purchase:p011")
    shop.did("ann", "purchase:p012", minutes=31 * 24 * 60)
    ids = shown(shop.ask(n=40))
    assert not {"p010", "p011"} & set(ids)
    assert "p012" in shown(shop.ask(n=58))


def test_what_was_dismissed_never_comes_back():
    """A dismissed or badly rated product is not shown, however many are asked for."""
    shop = world()
    shop.did("ann", "view:p003", "dismiss:p010")
    assert "p010" not in shown(shop.ask(n=60))


@pytest.mark.parametrize("word", ["dismiss:p010", "rating:p010=1"])
@pytest.mark.parametrize("later", ["rating:p010=0", "rating:p010=5"])
def test_a_word_on_a_product_is_taken_back_by_a_later_one(word, later):
    """What was taken back may stand again, and the shelf is as if nothing had been said."""
    shop = world()
    shop.did("ann", "view:p003", word, later)
    assert "p010" in shown(shop.ask(n=60))
    if later.endswith("=0"):
        other = world()
        other.did("ann", "view:p003")
        assert shown(shop.ask(n=30, id="same")) == shown(other.ask(n=30, id="same"))


@pytest.mark.parametrize("placement", sorted(PLACEMENTS))
def test_a_word_counts_in_the_next_shelf_of_every_placement(placement):
    """A dismissal takes a product off wherever it stood."""
    shop = world()
    shop.did("ann", "view:p003", "view:p013", "purchase:p020", minutes=60 * 24 * 40)
    listed = tuple(f"p{n:03d}" for n in range(8, 40, 2)) if PLACEMENTS[placement].listed else ()
    published = [replace(one, published=NOW) for one in products(60)[20:40]]
    shop.store.put_products(published)
    ask = {"placement": placement, "seeds": ("p005",), "products": listed, "n": 5}
    first = shown(shop.ask(**ask))[0]
    shop.did("ann", f"dismiss:{first}")
    assert first not in shown(shop.ask(**ask))


def test_variants_of_one_product_stand_once():
    """Of the products of one group at most one is on a shelf that others can fill."""
    shop = world()
    shop.did("ann", "view:p003", "view:p013")
    ids = set(shown(shop.ask(n=30)))
    for ten in range(6):
        assert len({f"p{ten}8".replace("p", "p0"), f"p{ten}9".replace("p", "p0")} & ids) <= 1


def test_another_variant_of_a_seed_stands_last_but_for_alternatives():
    """The page of p008 offers p009 already; where p008 is sold out, p009 is the first answer."""
    shop = world()
    for placement in ("similar", "also_viewed", "bought_together", "cart"):
        assert "p009" not in shown(shop.ask(placement=placement, seeds=("p008",), n=30))
    assert "p009" in shown(shop.ask(placement="alternatives", seeds=("p008",), n=30))


def test_a_newcomer_gets_what_is_popular():
    """Without any past the shelf is the popular one, and its title says so."""
    slate = world().ask("nobody")
    assert slate.stage == "popular"
    assert slate.title == "Popular in the shop"
    assert {item.reason.text for item in slate.items} == {"Popular in the shop"}


def test_session_and_earlier_past_are_told_apart():
    """A shopper known only from this session is in the session stage."""
    shop = world()
    shop.did("ann", "view:p003", session="s1")
    assert shop.ask(session="s1").stage == "session"
    assert shop.ask(session="s2").stage == "personal"


def test_new_products_can_be_shown_before_any_training():
    """A product that the models never met stands on a shelf that nothing else can fill."""
    shop = world()
    shop.store.put_products([replace(products(1)[0], id="new", title="New")])
    assert "new" in shown(shop.ask(n=61))


def test_assignment_splits_and_sticks():
    """Each shopper stays in one variant; control sees popular, treatment its own."""
    shop = world()
    shop.experiments.append(AB)
    names = [f"shopper {i}" for i in range(400)]
    first = [shop.ask(name).variant for name in names]
    assert [shop.ask(name).variant for name in names] == first
    assert 150 < first.count("control") < 250
    control = shop.ask(names[first.index("control")])
    assert (control.policy, control.experiment) == ("popular", "ab")


def test_an_experiment_keeps_to_its_placements():
    """Elsewhere the default policy answers, without an experiment."""
    shop = world()
    shop.experiments.append(replace(AB, placements=("cart",)))
    assert shop.ask(placement="home").experiment is None
    assert shop.ask(placement="cart").experiment == "ab"


def test_a_tester_can_force_a_variant():
    """A forced variant answers and stands in no experiment; an unknown one is named."""
    shop = world()
    shop.experiments.append(AB)
    slate = shop.ask(variant="control")
    assert (slate.policy, slate.experiment, slate.variant) == ("popular", None, "control")
    with pytest.raises(UnknownName, match=r"No variant is called 'contrl'. Did you mean 'control'"):
        shop.ask(variant="contrl")


def test_an_unknown_placement_is_named():
    """The message says which placements there are."""
    with pytest.raises(UnknownName, match=r"No placement is called 'hom'. Did you mean 'home'"):
        world().ask(placement="hom")


def test_a_dead_store_still_gets_a_popular_shelf():
    """The answer is popular and says that it was not logged."""
    shop = world()
    shop.did("ann", "view:p003")
    shop.store.broken = True
    slate = shop.ask()
    assert slate.stage == "popular"
    assert not slate.logged
    assert len(slate.items) == 12


def test_a_new_artefact_answers_the_next_request():
    """After a swap the exposures carry the new version."""
    shop = world()
    shop.recommender.replace_artefact(artefact(50, seed=1, version="v2"))
    slate = shop.ask(n=55)
    assert shop.store.exposures[slate.id].model == "v2"
    assert len(slate.items) == 55


def test_without_temperature_nothing_is_random():
    """At temperature 0 every propensity is one and two ids get the same order."""
    shop = world()
    policies = shop.recommender._policies
    policies["personal"] = replace(policies["personal"], temperature=0.0)
    shop.did("ann", "view:p003")
    one, other = shop.ask(), shop.ask()
    assert shown(one) == shown(other)
    assert {item.propensity for item in one.items} == {1.0}


def test_requests_explore():
    """With the default temperature two requests of one shopper differ in their order."""
    shop = world()
    shop.did("ann", "view:p003")
    assert len({tuple(shown(shop.ask())) for _ in range(10)}) > 5


def test_purchases_from_long_ago_read_as_history():
    """Events count whatever their age; the shelf is personal."""
    shop = world()
    shop.did("ann", "purchase:p003", minutes=400 * 24 * 60)
    slate = shop.ask(context=Context(at=NOW + timedelta(days=1)))
    assert slate.stage == "personal"
    assert np.isfinite([item.score for item in slate.items]).all()


def test_a_page_shows_no_product_twice():
    """Three shelves of one page have 36 different products."""
    shop = world()
    shop.did("ann", "view:p003", "view:p004")
    wishes = [
        ShelfRequest(id=name, shopper="ann", placement=name, context=Context(at=NOW))
        for name in ("home", "trending", "because_viewed")
    ]
    slates = [slate for slate, _ in shop.recommender.page(wishes)]
    ids = [product for slate in slates for product in shown(slate)]
    assert len(ids) == len(set(ids)) == 36


def test_recently_viewed_is_what_was_viewed():
    """The newest looks stand first, each because of itself."""
    shop = world()
    shop.did("ann", "view:p003", "purchase:p030", "view:p004", "view:p003", "view:p050")
    slate = shop.ask(placement="recently_viewed", n=3)
    assert set(shown(slate)) == {"p003", "p004", "p050"}
    assert {item.reason.text for item in slate.items} == {"You looked at this"}


def test_buy_again_waits_until_it_is_due():
    """A product bought every ten days is due after eight; one bought once after 24."""
    day = 24 * 60
    shop = world()
    for product, days in (("p010", (29, 19, 9)), ("p011", (22, 12, 2)), ("p012", (40,))):
        for ago in days:
            shop.did("ann", f"purchase:{product}", minutes=ago * day)
    shop.did("ann", "purchase:p013", minutes=10 * day)
    slate = shop.ask(placement="buy_again", n=12)
    due = [item.product for item in slate.items if item.reason.text == "You bought this before"]
    assert set(due) == {"p010", "p012"}


@pytest.mark.parametrize("language", ["en", "de-AT", "fr", "es", "xx"])
def test_a_page_is_spoken_to_in_its_language(language):
    """Title and reason are in the language of the context, in English where we lack it."""
    shop = world()
    shop.did("ann", "view:p003")
    context = Context(at=NOW, extra={"language": language})
    slate = shop.ask(placement="because_viewed", context=context)
    known = language[:2] if language[:2] in languages() else "en"
    assert slate.title == say(TITLES, "because_viewed", known, "Thing 3")
    assert slate.items[0].reason.text == say(TEXTS, "viewed", known, "Thing 3")


def test_the_shops_own_list_is_the_last_resort():
    """Where nothing was ever bought the fallback list stands first, in its order, then the rest."""
    empty = Artefact([f"p{i:03d}" for i in range(60)], {})
    chosen = ("p044", "p007", "gone", "p021", "p020")
    shop = world(bundle=empty, settings=Settings(serve=ServeSettings(fallback=chosen)))
    shop.store.put_products([replace(products(60)[20], stock=0)])
    slate = shop.ask(n=8)
    assert slate.stage == "fallback"
    assert shown(slate)[:3] == ["p044", "p007", "p021"]
    assert len(slate.items) == 8
    assert "p020" not in shown(slate)


def test_the_stages_give_way_one_after_the_other():
    """Personal, session, product, popular: each where the one before has nothing to say."""
    shop = world()
    stages = [shop.ask(placement="home").stage, shop.ask(seeds=("p003",)).stage]
    shop.did("ann", "view:p003", session="now")
    stages += [shop.ask(session="now").stage, shop.ask().stage]
    assert stages == ["popular", "product", "session", "personal"]
