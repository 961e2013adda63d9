"""Shelves of given products: re-ranked lists keep what may be shown, new arrivals are new."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from serving import NOW, artefact, products, world
from splitshelf.core.context import Context
from splitshelf.core.errors import InputError
from splitshelf.core.requests import ShelfRequest
from splitshelf.core.settings import ServeSettings
from splitshelf.serve.accounts import account_of
from splitshelf.serve.policies import default_policies

LIST = tuple(f"p{i:03d}" for i in (31, 7, 22, 59, 14, 3, 40, 12))
_BUNDLE = artefact(60)


def shown(slate):
    """The ids on a shelf, in order."""
    return [item.product for item in slate.items]


def calm():
    """A shop that leaves nothing to chance."""
    return world(bundle=_BUNDLE, policies=default_policies(ServeSettings(temperature=0)))


@pytest.mark.parametrize("placement", ["category", "search"])
def test_the_whole_list_comes_back(placement):
    """Nothing more, nothing less, however many are asked for."""
    shop = world()
    shop.did("ann", "view:p003", "view:p004")
    slate = shop.ask(placement=placement, products=LIST, n=3)
    assert sorted(shown(slate)) == sorted(LIST)
    assert slate.left_out == []


def test_nobody_known_sees_the_shops_order_but_for_what_is_popular():
    """Without a past the place on the list decides; the reason says so."""
    slate = calm().ask(placement="search", products=LIST)
    assert slate.stage == "product"
    assert shown(slate)[0] == LIST[0]
    assert slate.items[0].reason.text == "In the shop's own order"


def test_taste_moves_a_product_up_and_is_the_reason():
    """What fits the shopper's view stands higher than the shop had it, and cites the view."""
    shop = calm()
    shop.did("ann", "view:p003", "view:p003", "add_to_cart:p003")
    slate = shop.ask(placement="category", products=LIST)
    assert slate.stage == "personal"
    assert shown(slate) != list(LIST)
    cited = [item for item in slate.items if item.reason.product == "p003"]
    assert cited
    assert min(item.position for item in cited) < len(LIST) / 2


def test_what_cannot_be_sold_is_named_apart():
    """Sold out, hidden, unknown or excluded: not on the shelf, in `left_out`, in order."""
    shop = world()
    every = products(60)
    shop.store.put_products([replace(every[7], stock=0), replace(every[40], available=False)])
    slate = shop.ask(placement="category", products=(*LIST, "nowhere"), exclude=("p014",))
    assert slate.left_out == ["p007", "p014", "p040", "nowhere"]
    assert len(slate.items) == len(LIST) - 3


def test_a_list_is_wanted_where_it_is_re_ranked_and_nowhere_else():
    """One sentence says which placements take a list."""
    with pytest.raises(InputError, match="needs the list"):
        world().ask(placement="search")
    with pytest.raises(InputError, match="re-ranks no"):
        world().ask(placement="home", products=LIST)


@given(
    chosen=st.lists(st.integers(0, 69), unique=True, min_size=1, max_size=40),
    sold_out=st.sets(st.integers(0, 59)),
    viewed=st.lists(st.integers(0, 59), max_size=6),
)
@settings(deadline=None, max_examples=60)
def test_a_list_is_parted_into_shown_and_left_out(chosen, sold_out, viewed):
    """Every product of the list is on the shelf or left out; the account of it is exact."""
    shop = world(bundle=_BUNDLE)
    shop.store.put_products([replace(products(60)[i], stock=0) for i in sold_out])
    shop.did("ann", *(f"view:p{i:03d}" for i in viewed))
    ids = [f"p{i:03d}" for i in chosen]
    slate = shop.ask(placement="search", products=tuple(ids))
    assert sorted([*shown(slate), *slate.left_out]) == sorted(ids)
    assert set(slate.left_out) == {f"p{i:03d}" for i in chosen if i in sold_out or i >= 60}
    account = account_of(shop.recommender, shop.store.exposures[slate.id])
    assert account.exact, account.differs
    for item in account.items:
        assert sum(part.value for part in item.parts) == pytest.approx(item.score, abs=1e-9)


def arrivals(*days):
    """A calm shop where product i was published so many days ago."""
    shop = calm()
    every = products(60)
    shop.store.put_products(
        [replace(every[i], published=NOW - timedelta(days=ago)) for i, ago in enumerate(days)]
    )
    return shop


def test_new_arrivals_are_new_and_then_popular():
    """The newest first; what is older than 60 days, or not out yet, is not new."""
    shop = arrivals(30, 1, 400, 3, -2, 10)
    slate = shop.ask("nobody", placement="new_arrivals", n=6)
    assert shown(slate)[:4] == ["p001", "p003", "p005", "p000"]
    assert slate.title == "New arrivals"
    assert slate.items[0].reason.text == "New in the shop"
    assert len(slate.items) == 6


def test_taste_orders_new_arrivals():
    """Of two that are equally new, the one that fits stands first and says why."""
    shop = arrivals(*[2] * 20)
    shop.did("ann", "purchase:p040", "view:p041")
    slate = shop.ask(placement="new_arrivals")
    assert shown(slate) != shown(shop.ask("nobody", placement="new_arrivals"))
    assert slate.items[0].reason.product in {"p040", "p041"}


def test_a_product_published_this_moment_is_on_the_next_shelf():
    """Also one that the models have never seen."""
    shop = calm()
    shop.ask(placement="new_arrivals")
    new = replace(products(60)[0], id="fresh", title="Fresh", published=NOW)
    shop.store.put_products([new])
    assert shown(shop.ask(placement="new_arrivals"))[0] == "fresh"


def test_alternatives_stand_in_for_what_is_sold_out():
    """The product itself is not among them, and all can be sold."""
    shop = world()
    shop.store.put_products([replace(products(60)[5], stock=0)])
    slate = shop.ask(placement="alternatives", seeds=("p005",))
    assert slate.stage == "product"
    assert slate.title == "Available instead"
    assert "p005" not in shown(slate)
    assert len(slate.items) == 12


def test_a_cart_is_completed_not_replaced():
    """Nothing of the category of what lies in it, as long as other categories fill the shelf."""
    shop = world()
    kinds = [("Home", f"Kind {i % 6}") for i in range(60)]
    every = zip(products(60), kinds, strict=True)
    shop.store.put_products([replace(one, category=kind) for one, kind in every])
    for placement in ("cart", "checkout"):
        slate = shop.ask(placement=placement, seeds=("p000", "p007"))
        assert not {0, 1} & {int(product[1:]) % 6 for product in shown(slate)}
        assert len(slate.items) == 12


def test_a_page_shows_nothing_twice():
    """Several shelves in one call: each full, none with a product of another."""
    shop = world()
    shop.did("ann", "view:p003", "purchase:p004")
    wanted = [
        ShelfRequest(
            id=f"page.{i}", shopper="ann", placement=name, context=Context(at=NOW), n=8, **more
        )
        for i, (name, more) in enumerate(
            [("home", {}), ("trending", {}), ("new_arrivals", {}), ("search", {"products": LIST})]
        )
    ]
    answers = shop.recommender.page(wanted)
    ids = [product for slate, _ in answers for product in shown(slate)]
    assert len(ids) == len(set(ids))
    assert [len(slate.items) for slate, _ in answers[:3]] == [8, 8, 8]
