"""The door: the one place where raw values become an `Event` or a `Product`.

What is already in our words takes the fast way: one decode in C that checks types and ranges. All
else (GA4 names, missing ids, unknown keys, and whatever is wrong) takes the patient way, field by
field, which forgives what has one meaning only and says what is wrong with the rest.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import msgspec

from splitshelf.collect import fields
from splitshelf.collect.dialects import translate
from splitshelf.collect.items import explode
from splitshelf.collect.vocabulary import FIELD_NAMES
from splitshelf.core.errors import InputError
from splitshelf.core.events import PRODUCT_TYPES, ContextValue, Event, EventType
from splitshelf.core.products import Product

MOST_KEYS = 50
"""Keys in one context."""
AHEAD = timedelta(days=1)
"""How far a shop's clock may run before ours: further is a mistake, and would rule every trend."""


class _Batch(msgspec.Struct):
    events: list[Event]


_DECODE_BATCH = msgspec.json.Decoder(_Batch).decode
_DECODE_LIST = msgspec.json.Decoder(list[Event]).decode
_DECODE_ANY = msgspec.json.Decoder().decode

EVENT_READERS: dict[str, fields.Reader] = {
    "id": fields.name,
    "at": fields.moment,
    "type": fields.kind,
    "shopper": fields.name,
    "session": fields.name,
    "product": fields.name,
    "quantity": fields.count,
    "price": fields.money,
    "currency": fields.currency,
    "order": fields.name,
    "dwell": fields.seconds,
    "value": fields.stars,
    "exposure": fields.name,
}
"""How each field of an event is read."""

PRODUCT_READERS: dict[str, fields.Reader] = {
    "id": fields.name,
    "title": fields.text,
    "description": fields.text,
    "brand": fields.text,
    "category": fields.path,
    "price": fields.money,
    "list_price": fields.money,
    "cost": fields.money,
    "currency": fields.currency,
    "stock": fields.whole,
    "available": fields.flag,
    "group": fields.name,
    "attributes": fields.attributes,
    "url": fields.text,
    "image": fields.text,
    "published": fields.moment,
    "expires": fields.moment,
}
"""How each field of a product is read."""

_ESCAPED_CONTROL = re.compile(rb"\\(?:u00[01]|[bfnrt])")
_SHARED = ("shopper", "user_id", "client_id", "session", "timestamp_micros")
"""What may stand once beside `events` and then holds for each of them, as in GA4's protocol."""
_BATCH = "batch"
"""How Segment and what copies it call the list of events in a body."""
_PRIVATE = frozenset({"shopper", "session", "order", "id", "exposure"})


def decode_events(body: bytes, received: datetime) -> list[Event]:
    """The events in a JSON body: a list, {"events": [...]}, {"batch": [...]} or one event.

    They may be under our names or GA4's, or as Segment, Snowplow or a Shopify pixel write them.

    An event without `at` happened when it was `received`. One without `id` gets a random one: then
    a repeat cannot be noticed, so senders should give ids. Raises InputError at the first event
    that is wrong, as in `events[3]: price is -2, must be 0 or more.`
    """
    events = _decode_fast(body)
    if events is not None and all_plain(events, received + AHEAD):
        return events
    found: list[Event] = []
    for index, raw in enumerate(_entries(body, "events")):
        where = f"events[{index}]"
        for spoken in translate(raw, where):
            found += events_of(spoken, where, received)
    return found


def decode_products(body: bytes) -> list[Product]:
    """The products in a JSON body: a list, {"products": [...]} or one product.

    Raises InputError as in `products[0]: title is 7, must be text.`
    """
    entries = _entries(body, "products")
    return [product_of(raw, f"products[{index}]") for index, raw in enumerate(entries)]


def events_of(
    raw: object,
    where: str,
    received: datetime,
    new_id: Callable[[], str] = lambda: str(uuid4()),
) -> list[Event]:
    """The events of one raw object: several where it lists items, as GA4's do."""
    if not isinstance(raw, Mapping):
        raise InputError(f"{where}: it is {fields.shown(raw)}, must be an object.")
    plain = _plain(raw, received, new_id)
    if plain is not None:
        return [plain]
    return [event_of(line, where, received, new_id) for line in explode(raw, where)]


def _plain(raw: Mapping[str, Any], received: datetime, new_id: Callable[[], str]) -> Event | None:
    """The event of an object that needs nothing but a look; None sends it the patient way."""
    if "id" not in raw:
        if raw.get("order"):
            return None
        raw = {"id": new_id(), **raw}
    try:
        event = msgspec.convert(raw, Event)
    except (msgspec.ValidationError, ValueError, OverflowError):
        return None
    names = (event.id, event.shopper, event.session, event.product, event.order, event.exposure)
    if not all(name is None or name.isprintable() for name in names):
        return None
    return event if all_plain((event,), received + AHEAD) else None


def event_of(
    raw: Mapping[str, Any],
    where: str,
    received: datetime,
    new_id: Callable[[], str] = lambda: str(uuid4()),
) -> Event:
    """One event from raw values under our names; what is no field of ours goes to its context."""
    values = _read(raw, EVENT_READERS, where)
    values.setdefault("at", received)
    if "id" not in values:
        values["id"] = new_id()
    for required in ("type", "shopper"):
        if required not in values:
            also = ", ".join(FIELD_NAMES[required][:3])
            raise InputError(f"{where}: {required} is missing (also read from {also}).")
    event = Event(**values, context=_context(raw, where))
    _check_whole(event, where, received)
    return event


def product_of(raw: object, where: str) -> Product:
    """One product from raw values under our names; what is no field of ours is an attribute."""
    if not isinstance(raw, Mapping):
        raise InputError(f"{where}: it is {fields.shown(raw)}, must be an object.")
    values = _read(raw, PRODUCT_READERS, where)
    if "id" not in values:
        raise InputError(f"{where}: id is missing, must be {fields.LONGEST} characters or fewer.")
    others = {
        key: str(value)
        for key, value in raw.items()
        if key not in PRODUCT_READERS and isinstance(value, str | int | float) and value != ""
    }
    if others:
        values["attributes"] = {**others, **values.get("attributes", {})}
    return Product(**values)


def all_plain(events: Iterable[Event], latest: datetime) -> bool:
    """Whether decoded events need no more than they have: UTC, a product where one must be, ..."""
    for event in events:
        if event.at.tzinfo is not UTC or event.at > latest:
            return False
        if event.product is None and event.type in PRODUCT_TYPES:
            return False
        if (event.value is None) is (event.type is EventType.RATING):
            return False
        if not (_is_money(event.price) and _is_currency(event.currency)):
            return False
        if event.context and not _is_context(event.context):
            return False
    return True


def _is_money(price: Decimal | None) -> bool:
    return price is None or (price.is_finite() and 0 <= price <= fields.MOST_MONEY)


def _is_currency(code: str | None) -> bool:
    return code is None or (len(code) == 3 and code.isascii() and code.isupper())


def _is_context(context: Mapping[str, ContextValue]) -> bool:
    return len(context) <= MOST_KEYS and None not in context.values()


def _decode_fast(body: bytes) -> list[Event] | None:
    # an escape may hide a control character in an id: the patient way looks at each
    if b"\\" in body and _ESCAPED_CONTROL.search(body):
        return None
    try:
        return _DECODE_LIST(body) if body[:1] == b"[" else _DECODE_BATCH(body).events
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _entries(body: bytes, key: str) -> list[Any]:
    try:
        document = _DECODE_ANY(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"The body is not valid JSON: {error}.") from error
    if isinstance(document, dict):
        shared = {name: document[name] for name in _SHARED if name in document}
        envelope = next((name for name in (key, _BATCH) if name in document), None)
        document = [document] if envelope is None else document[envelope]
        if shared and isinstance(document, list):
            document = [_under(shared, entry) for entry in document]
    if not isinstance(document, list):
        raise InputError(f"{key} is {fields.shown(document)}, must be a list of objects.")
    return document


def _under(shared: Mapping[str, Any], entry: object) -> object:
    return {**shared, **entry} if isinstance(entry, Mapping) else entry


def _read(
    raw: Mapping[str, Any], readers: Mapping[str, fields.Reader], where: str
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field, value in raw.items():
        reader = readers.get(field)
        if reader is None or value is None or value == "":
            continue
        try:
            values[field] = reader(value)
        except fields.Refused as refused:
            seen = f"is {fields.shown(value)}"
            if field in _PRIVATE:
                seen = "is not readable" if not isinstance(value, str) else "is refused"
            raise InputError(f"{where}: {field} {seen}, must be {refused}.") from refused
    return values


def _context(raw: Mapping[str, Any], where: str) -> dict[str, Any]:
    given = raw.get("context") or {}
    if not isinstance(given, Mapping):
        raise InputError(f"{where}: context is {fields.shown(given)}, must be an object.")
    others = {key: raw[key] for key in raw if key not in EVENT_READERS and key != "context"}
    context = {str(key): value for key, value in {**others, **given}.items() if value is not None}
    if len(context) > MOST_KEYS:
        raise InputError(f"{where}: context has {len(context)} keys, must be {MOST_KEYS} or fewer.")
    for key, value in context.items():
        if not isinstance(value, str | int | float | bool):
            allowed = "must be text, a number, true, false or null"
            raise InputError(f"{where}: context.{key} is {fields.shown(value)}, {allowed}.")
        context[key] = fields.text(value) if isinstance(value, str) else value
    return context


def _check_whole(event: Event, where: str, received: datetime) -> None:
    if event.product is None and event.type in PRODUCT_TYPES:
        raise InputError(f"{where}: product is missing, a {event.type} must name one.")
    if event.at > received + AHEAD:
        raise InputError(f"{where}: at is {event.at.isoformat()}, must not lie in the future.")
    if event.type is EventType.RATING and event.value is None:
        raise InputError(f"{where}: value is missing, a rating must have 1 to 5.")
