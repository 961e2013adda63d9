from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from splitshelf.collect.validation import decode_events, decode_products, events_of
from splitshelf.core.clock import moment
from splitshelf.core.errors import InputError
from splitshelf.core.events import Event, EventType

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
VIEW = {"id": "e1", "at": "2026-06-01T11:00:00Z", "type": "view", "shopper": "s", "product": "p"}


def body(*events: Any) -> bytes:
    """The events as a request carries them."""
    return msgspec.json.encode(list(events))


def with_(**changes: Any) -> dict[str, Any]:
    """A view with some fields otherwise."""
    return {**VIEW, **changes}


def test_our_own_words_arrive_as_they_are():
    """An event in our words keeps every field."""
    raw = with_(quantity=2, price=12.5, currency="EUR", dwell=3.5, context={"device": "mobile"})
    assert decode_events(body(raw), NOW) == [
        Event(
            id="e1",
            at=datetime(2026, 6, 1, 11, tzinfo=UTC),
            type=EventType.VIEW,
            shopper="s",
            product="p",
            quantity=2,
            price=Decimal("12.5"),
            currency="EUR",
            dwell=3.5,
            context={"device": "mobile"},
        )
    ]


@pytest.mark.parametrize("shape", ["list", "events", "one"])
def test_three_shapes_of_a_body_are_one(shape):
    """A list, an envelope and a single event mean the same."""
    raw = {"list": [VIEW], "events": {"events": [VIEW]}, "one": VIEW}[shape]
    assert [event.id for event in decode_events(msgspec.json.encode(raw), NOW)] == ["e1"]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (
            with_(type="bought"),
            (
                "events[0]: type is 'bought', must be one of add_to_cart, cart_view, checkout, "
                "click, dismiss, impression, purchase, rating, refund, remove_from_cart, "
                "search, view, wishlist."
            ),
        ),
        (with_(price=-2), "events[0]: price is -2, must be 0 or more."),
        (with_(price="NaN"), "events[0]: price is 'NaN', must be an amount like 12.50."),
        (with_(quantity=0), "events[0]: quantity is 0, must be a whole number, 1 or more."),
        (with_(quantity=1.5), "events[0]: quantity is 1.5, must be a whole number, 1 or more."),
        (with_(dwell=-1), "events[0]: dwell is -1, must be seconds, 0 or more."),
        (with_(currency="EURO"), "events[0]: currency is 'EURO', must be three letters like EUR."),
        (with_(product=None), "events[0]: product is missing, a view must name one."),
        (with_(type="rating"), "events[0]: value is missing, a rating must have 1 to 5."),
        (with_(type="rating", value=9), "events[0]: value is 9, must be from 1 to 5."),
        (with_(shopper=None), "events[0]: shopper is missing (also read from shopper_id, user, "),
        (with_(shopper="s" * 201), "events[0]: shopper is refused, must be 1 to 200 characters."),
        (with_(product="a\x00b"), "characters without control characters."),
        (with_(at="yesterday"), "events[0]: at is 'yesterday', must be a time like 2026-01-31T"),
        (with_(at="2031-01-01T00:00:00Z"), "must not lie in the future."),
        (with_(context={"a": [1]}), "events[0]: context.a is a list, must be text, a number, "),
        (with_(context=3), "events[0]: context is 3, must be an object."),
        (with_(items=3), "events[0]: items is 3, must be a list of objects."),
        (with_(items=[]), "events[0]: items is empty, a view must list at least one."),
        (7, "events[0]: it is 7, must be an object."),
    ],
)
def test_a_violation_says_where_what_and_what_is_allowed(raw, message):
    """Each broken rule has its sentence."""
    with pytest.raises(InputError) as error:
        decode_events(body(raw), NOW)
    assert message in str(error.value)


def test_the_message_names_the_broken_event_not_the_first():
    """The fourth event is events[3]."""
    with pytest.raises(InputError, match=r"^events\[3\]: price is -2"):
        decode_events(body(VIEW, VIEW, VIEW, with_(price=-2)), NOW)


def test_a_message_never_shows_who_it_was():
    """A refused shopper id is not repeated."""
    with pytest.raises(InputError) as error:
        decode_events(body(with_(shopper="maria@example.org" * 20)), NOW)
    assert "maria" not in str(error.value)


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"3", b'{"events": 3}', b"[" * 5000])
def test_what_is_no_batch_is_refused(raw):
    """Bytes that hold no list of events raise InputError and nothing else."""
    with pytest.raises(InputError):
        decode_events(raw, NOW)


def test_a_missing_moment_is_the_moment_of_arrival_and_a_missing_id_is_made():
    """Senders may leave out `at` and `id`."""
    raw = {"type": "view", "shopper": "s", "product": "p"}
    first, second = decode_events(body(raw, raw), NOW)
    assert first.at == NOW
    assert first.id != second.id


def test_an_order_line_without_id_has_the_same_id_each_time():
    """An order that is sent twice counts once."""
    raw = {"type": "purchase", "shopper": "s", "product": "p", "order": "1001", "price": 3}
    assert decode_events(body(raw), NOW)[0].id == "purchase:1001:p"


def test_moments_become_utc():
    """Offsets are converted and a moment without a zone is UTC."""
    texts = ["2026-06-01T13:00:00+02:00", "2026-06-01 11:00:00", "2026-06-01T11:00", 1780311600]
    moments = {decode_events(body(with_(at=text)), NOW)[0].at for text in texts}
    assert moments == {datetime(2026, 6, 1, 11, tzinfo=UTC)}


@pytest.mark.parametrize("scale", [1, 1_000, 1_000_000, 1_000_000_000])
def test_epochs_are_told_by_their_size(scale):
    """Seconds, milliseconds, microseconds and nanoseconds since 1970 are told apart."""
    assert decode_events(body(with_(at=1_780_311_600 * scale)), NOW)[0].at.year == 2026


def test_unknown_keys_are_kept_in_the_context():
    """A key that we do not know is not lost."""
    event = decode_events(body(with_(campaign="june", context={"page": "home"})), NOW)[0]
    assert event.context == {"campaign": "june", "page": "home"}


GA4_PURCHASE = {
    "name": "purchase",
    "params": {
        "transaction_id": "T1",
        "value": 72.05,
        "currency": "USD",
        "coupon": "SUMMER",
        "items": [
            {"item_id": "SKU_1", "item_name": "Tee", "index": 0, "price": 10.01, "quantity": 3},
            {"item_id": "SKU_2", "item_list_id": "related_products", "index": 1, "price": 21.01},
        ],
    },
}


def test_a_ga4_purchase_becomes_one_event_a_line():
    """GA4's measurement protocol arrives as it is: client id beside the events, items inside."""
    raw = {"client_id": "c.1", "timestamp_micros": 1780311600000000, "events": [GA4_PURCHASE]}
    first, second = decode_events(msgspec.json.encode(raw), NOW)
    assert (first.id, first.product, first.quantity) == ("purchase:T1:SKU_1", "SKU_1", 3)
    assert (first.order, first.currency, first.price) == ("T1", "USD", Decimal("10.01"))
    assert first.at == datetime(2026, 6, 1, 11, tzinfo=UTC)
    assert second.context == {
        "coupon": "SUMMER",
        "event_value": 72.05,
        "placement": "related_products",
        "position": 1,
    }
    assert {first.shopper, second.shopper} == {"c.1"}


def test_a_data_layer_push_is_understood():
    """`{event, ecommerce: {items}}`, as a shop pushes it, names product, placement, position."""
    push = {
        "event": "select_item",
        "shopper": "s",
        "id": "x",
        "ecommerce": {"item_list_id": "home", "items": [{"item_id": "A", "index": 4}]},
    }
    event = decode_events(body(push), NOW)[0]
    assert (event.type, event.product, event.id) == (EventType.CLICK, "A", "x")
    assert event.context == {"placement": "home", "position": 4}


def test_begin_checkout_stays_one_event():
    """A checkout with three items is one checkout."""
    raw = {"event": "begin_checkout", "user_id": "s", "items": [{"item_id": "a"}] * 3, "value": 9}
    events = decode_events(body(raw), NOW)
    assert [event.type for event in events] == [EventType.CHECKOUT]
    assert events[0].context == {"items": 3, "event_value": 9}


FIELDS = ("id", "at", "type", "shopper", "product", "quantity", "price", "currency", "value")
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.sampled_from(["view", "rating", "EUR", "2026-06-01T11:00:00Z", "3", " 2.50", "1e999"]),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)
RAWS = st.dictionaries(st.sampled_from((*FIELDS, "items", "context", "params", "x")), VALUES)


@given(st.lists(RAWS, max_size=3))
def test_whatever_comes_in_only_input_error_comes_out(raws):
    """Any JSON gives events or InputError, and events are trusted: they pass the door again."""
    try:
        events = decode_events(msgspec.json.encode(raws), NOW)
    except InputError:
        return
    again = decode_events(msgspec.json.encode(events), NOW)
    assert again == events


PLAIN = st.fixed_dictionaries(
    {
        "id": st.text("abc\u00e9 ", min_size=1, max_size=5),
        "at": st.integers(0, 10**15).map(lambda us: moment(us).isoformat()),
        "type": st.sampled_from(["view", "click", "purchase", "search"]),
        "shopper": st.text("abc", min_size=1, max_size=3),
        "product": st.text("xyz", min_size=1, max_size=3),
    },
    optional={
        "quantity": st.integers(1, 9),
        "price": st.decimals(0, 1000, places=2).map(float),
        "currency": st.sampled_from(["EUR", "USD"]),
        "session": st.text("s1", min_size=1),
        "context": st.dictionaries(st.text("ab"), st.one_of(st.integers(-9, 9), st.booleans())),
    },
)


@given(st.lists(PLAIN, max_size=4))
def test_the_fast_way_and_the_patient_way_agree(raws):
    """Decoding in C and field by field give equal events."""
    patient = [event for raw in raws for event in events_of(raw, "here", NOW)]
    assert decode_events(msgspec.json.encode(raws), NOW) == patient


def test_products_are_read_with_paths_flags_and_attributes():
    """A product's category may be text, its availability a word of a feed."""
    raw = {
        "id": 7,
        "title": "Mug",
        "category": "Home > Kitchen",
        "price": "4.50",
        "available": "out_of_stock",
        "colour": "red",
    }
    product = decode_products(msgspec.json.encode([raw]))[0]
    assert (product.id, product.category) == ("7", ("Home", "Kitchen"))
    assert (product.price, product.available) == (Decimal("4.50"), False)
    assert product.attributes == {"colour": "red"}
    assert not product.sellable


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"title": "x"}, "products[0]: id is missing"),
        ({"id": "a", "price": -1}, "products[0]: price is -1, must be 0 or more."),
        ({"id": "a", "available": "maybe"}, "available is 'maybe', must be true or false."),
        ({"id": "a", "category": 3}, "products[0]: category is 3, must be a list of names"),
        ({"id": "a", "published": "soon"}, "products[0]: published is 'soon', must be a time"),
    ],
)
def test_a_broken_product_has_its_sentence(raw, message):
    """Each broken rule of a product says where, what, allowed."""
    with pytest.raises(InputError) as error:
        decode_products(msgspec.json.encode([raw]))
    assert message in str(error.value)


def test_twenty_plain_events_take_the_fast_way():
    """The limit for the future is a day: our clocks may differ by less."""
    ahead = (NOW + timedelta(hours=23)).isoformat()
    assert len(decode_events(body(*[with_(at=ahead)] * 20), NOW)) == 20


@pytest.mark.parametrize("value", [[1], {"a": 1}, [[None]]])
def test_an_attribute_that_is_a_list_is_refused_in_a_sentence(value):
    """Not readable as text, and no fault of ours."""
    with pytest.raises(InputError, match=r"products\[0\]: attributes"):
        decode_products(body({"id": "x", "attributes": {"size": value}}))
