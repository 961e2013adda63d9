from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from splitshelf.collect.identity import Identities
from splitshelf.collect.stores.opening import open_store
from splitshelf.core.errors import Conflict, InputError
from splitshelf.core.events import Event, EventType

START = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    """An empty store."""
    store = open_store("sqlite:///shop.sqlite", tmp_path)
    yield store
    store.close()


def look(store, shopper, *products, start=0):
    """Record views of products, a minute apart."""
    store.append(
        [
            Event(
                id=f"{shopper}-{start + i}-{product}",
                at=START + timedelta(minutes=start + 2 * i),
                type=EventType.VIEW,
                shopper=shopper,
                product=product,
            )
            for i, product in enumerate(products)
        ]
    )


def seen(identities, shopper, limit=10):
    """The products of the history."""
    return [event.product for event in identities.history(shopper, limit)]


def test_on_login_the_histories_become_one(store):
    """What the device did and what the customer did are read in the order of time."""
    look(store, "device", "a", "c")
    look(store, "ann", "b", "d", start=1)
    identities = Identities(store, lambda: START)
    identities.link("device", "ann")
    assert seen(identities, "ann") == seen(identities, "device") == ["a", "b", "c", "d"]
    assert seen(identities, "ann", 2) == ["c", "d"]


def test_whoever_registers_keeps_the_variant_they_saw(store):
    """A new customer is assigned by the device that they came with, on every device."""
    look(store, "device", "a")
    identities = Identities(store, lambda: START)
    assert identities.link("device", "ann").unit == "device"
    assert identities.link("phone", "ann").unit == "device"
    assert {identities.person(one).unit for one in ("device", "ann", "phone")} == {"device"}


def test_a_known_customer_keeps_their_own_variant(store):
    """Somebody with a past is assigned by their own id, also after a login elsewhere."""
    look(store, "ann", "a")
    assert Identities(store, lambda: START).link("device", "ann").unit == "ann"


def test_unlinking_gives_everybody_back_what_was_theirs(store):
    """Events keep the id that they came with."""
    look(store, "device", "a")
    look(store, "ann", "b", start=1)
    identities = Identities(store, lambda: START)
    identities.link("device", "ann")
    identities.link("phone", "ann")
    assert identities.unlink("device")
    assert not identities.unlink("device")
    assert (seen(identities, "device"), seen(identities, "ann")) == (["a"], ["b"])
    assert identities.person("phone").id == "ann"
    assert identities.unlink("ann")
    assert identities.person("phone").members == ("phone",)


def test_a_shared_device_stays_with_the_first_person(store):
    """The second login does not inherit the first one's past."""
    identities = Identities(store, lambda: START)
    identities.link("device", "ann")
    with pytest.raises(Conflict, match="belongs to another person"):
        identities.link("device", "bob")
    assert identities.person("bob").members == ("bob",)
    with pytest.raises(InputError, match="must be two"):
        identities.link("ann", "ann")


IDS = st.sampled_from("abcdef")
STEPS = st.lists(st.tuples(st.sampled_from(["link", "unlink"]), IDS, IDS), max_size=12)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_everybody_belongs_to_exactly_one_person(tmp_path_factory, steps):
    """After any links and unlinks, people are disjoint and each member knows its person."""
    store = open_store("sqlite:///shop.sqlite", tmp_path_factory.mktemp("shop"))
    identities = Identities(store, lambda: START)
    for verb, one, other in steps:
        try:
            identities.link(one, other) if verb == "link" else identities.unlink(one)
        except InputError:
            continue
        for name in "abcdef":
            person = identities.person(name)
            assert name in person.members
            assert all(identities.person(member) == person for member in person.members)
    store.close()
