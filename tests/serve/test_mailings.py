"""Mailings: a shelf for everybody, and nothing twice."""

from datetime import timedelta

from serving import NOW, world
from splitshelf.serve.mailings import Mailing, before, shelves, start

PEOPLE = ["ann", "bob", "cy"]


def mail(shop, day, rotation=2, n=6, people=PEOPLE):
    """What each shopper got in the mailing of a day."""
    at = NOW + timedelta(days=day)
    mailing = start(shop.store, Mailing(name=f"day {day}", at=at, placement="email", n=n))
    found = shelves(shop.recommender, shop.store, mailing, people, rotation)
    return {shopper: [item.product for item in slate.items] for shopper, slate in found}


def test_nobody_gets_the_same_twice_within_the_rotation():
    """Three mailings in a row share nothing; the fourth may begin anew."""
    shop = world()
    shop.did("ann", "view:p003", "view:p009")
    mails = [mail(shop, day) for day in range(4)]
    for shopper in PEOPLE:
        first, second, third, fourth = (set(one[shopper]) for one in mails)
        assert len(first | second | third) == 18
        assert not fourth & (second | third)
        assert fourth & first


def test_without_rotation_mailings_may_repeat():
    """Nothing is remembered where nothing shall be."""
    shop = world()
    first, second = mail(shop, 0, rotation=0), mail(shop, 1, rotation=0)
    assert set(first["bob"]) & set(second["bob"])


def test_a_mailing_made_again_shows_the_same():
    """A run that was cut off can be repeated; a shopper named twice gets one shelf."""
    shop = world()
    first = mail(shop, 0)
    mail(shop, 1)
    assert mail(shop, 0, people=[*PEOPLE, "ann"]) == first
    assert len(shop.store.exposures) == 6


def test_each_shelf_is_an_exposure_with_its_chances():
    """Mailings count in experiments like any other shelf."""
    shop = world()
    mail(shop, 0)
    assert {one.shopper for one in shop.store.exposures.values()} == set(PEOPLE)
    assert all(one.placement == "email" for one in shop.store.exposures.values())


def test_only_earlier_mailings_of_the_placement_count():
    """Another placement's mailings have a rotation of their own."""
    shop = world()
    for name, placement, day in (("a", "email", 0), ("b", "home", 1), ("c", "email", 2)):
        at = NOW + timedelta(days=day)
        start(shop.store, Mailing(name=name, at=at, placement=placement, n=3))
    now = Mailing(name="d", at=NOW + timedelta(days=3), placement="email", n=3)
    assert [one.name for one in before(shop.store, now, 5)] == ["a", "c"]
    assert [one.name for one in before(shop.store, now, 1)] == ["c"]
