"""One raw event in any accepted shape becomes flat lines under our names, one per item.

GA4's `ecommerce.items` and `params.items`, Segment's `properties.products` and our own flat events
all pass here. Checkout and cart events stay one event however many items they list, so that
counting them counts visits.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

from splitshelf.collect.fields import LONGEST, shown
from splitshelf.collect.vocabulary import FIELD_NAMES, event_type, spelling
from splitshelf.core.errors import InputError
from splitshelf.core.events import PRODUCT_TYPES, EventType
from splitshelf.core.people import ANONYMOUS

Raw = Mapping[str, Any]

ITEM_NAMES: dict[str, tuple[str, ...]] = {
    "product": ("item_id", "product_id", "sku", "id", "item_name", "name"),
    "price": ("price", "unit_price"),
    "quantity": ("quantity", "qty"),
    "position": ("index", "position"),
    "placement": ("item_list_id", "item_list_name", "list_id"),
    "item_name": ("item_name", "name"),
    "brand": ("item_brand", "brand"),
    "category": ("item_category", "category"),
    "variant": ("item_variant", "variant"),
    "coupon": ("coupon",),
    "discount": ("discount",),
}
"""Our names for the parts of an item, and where GA4, Segment and Snowplow keep them."""

_EVENT_NAMES = {**FIELD_NAMES, "at": (*FIELD_NAMES["at"], "timestamp_micros", "timestamp_millis")}
_ALIASES = {
    other: (ours, rank)
    for ours, others in _EVENT_NAMES.items()
    for rank, other in enumerate(others)
}
_DEVICES = ("client_id", "user_pseudo_id", "anonymous_id", "domain_userid")
_INSIDE = ("params", "ecommerce", "properties")
_LISTS = ("items", "products")
_CONTEXT_NAMES = {
    "placement": ("item_list_id", "list_id", "item_list_name"),
    "query": ("search_term", "query", "search_query"),
    "event_value": ("value", "revenue"),
}

_EVENTS_OWN = frozenset({"at", "type", "shopper", "value"})
"""What an item cannot say for its event."""


def explode(raw: Raw, where: str) -> list[Raw]:
    """The lines of one raw event under our names; a flat event of ours comes back as it is."""
    if "type" in raw and "shopper" in raw and not any(key in raw for key in (*_INSIDE, *_LISTS)):
        return [_with_order_id(_rate_only(raw))]
    event = canonical(raw)
    items = next((event.pop(key) for key in _LISTS if key in event), None)
    if items is None:
        return [_with_order_id(event)]
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        raise InputError(f"{where}: items is {shown(items)}, must be a list of objects.")
    return _lines(event, items, where)


def _device(event: dict[str, Any]) -> None:
    """Where a known shopper's event also carries the device's id, keep that under our name."""
    for name in _DEVICES:
        if name in event and event.get("shopper"):
            event.setdefault(ANONYMOUS, event.pop(name))


def canonical(raw: Raw) -> dict[str, Any]:
    """The event's own fields under our names, with params, ecommerce and properties laid open."""
    event = dict(raw)
    for key in _INSIDE:
        inside = event.pop(key, None)
        if isinstance(inside, Mapping):
            event = {**inside, **event}
    for ours, alias in _found(event).items():
        event[ours] = event.pop(alias)
    _device(event)
    return dict(_rate_only(event))


def _found(event: Raw) -> dict[str, str]:
    """For each field that is missing, the preferred one of the names that carry it here."""
    found: dict[str, tuple[int, str]] = {}
    for name, value in event.items():
        ours, rank = _ALIASES.get(name, (None, 0))
        if ours is None or event.get(ours) not in (None, ""):
            continue
        if value in (None, "") or isinstance(value, Mapping | list):
            continue
        found[ours] = min(found.get(ours, (rank, name)), (rank, name))
    return {ours: name for ours, (_, name) in found.items()}


def _rename(values: dict[str, Any], ours: str, others: Iterable[str]) -> None:
    if values.get(ours) not in (None, ""):
        return
    for other in others:
        if values.get(other) not in (None, "") and not isinstance(values[other], Mapping | list):
            values[ours] = values.pop(other)
            return


def _rate_only(raw: Raw) -> Raw:
    # `value` is ours for a rating; elsewhere GA4 and Segment mean the money of the whole event
    kind = raw.get("type")
    ours = event_type(kind) if isinstance(kind, str) else None
    if ours is None or ours is EventType.RATING:
        return raw
    event = dict(raw)
    for name, others in _CONTEXT_NAMES.items():
        _rename(event, name, others)
    return event


def _lines(event: dict[str, Any], items: list[Raw], where: str) -> list[Raw]:
    kind = event_type(event["type"]) if isinstance(event.get("type"), str) else None
    if kind not in PRODUCT_TYPES:
        return [{**event, **_shelf(items), "items": len(items)}]
    if not items:
        raise InputError(f"{where}: items is empty, a {kind} must list at least one.")
    seen: Counter[str] = Counter()
    lines: list[Raw] = []
    for number, item in enumerate(items):
        line = {**event, **item_of(item)}
        product = str(line.get("product", ""))
        seen[product] += 1
        line["id"] = _order_id(event, kind, product, seen[product]) or _part_id(
            event, number, items
        )
        lines.append({key: value for key, value in line.items() if value is not None})
    return lines


def _shelf(items: list[Raw]) -> Raw:
    """Where the first item that came from a shelf stood: what a cart or a checkout says of it."""
    found = next((item_of(item) for item in items if item.get("exposure")), {})
    return {key: found[key] for key in ("exposure", "placement", "position") if key in found}


def item_of(item: Raw) -> dict[str, Any]:
    """An item under our names; what we have no name for keeps its own, when it is a plain value."""
    line: dict[str, Any] = {}
    known: set[str] = set()
    for ours, others in ITEM_NAMES.items():
        found = next((name for name in others if item.get(name) not in (None, "")), None)
        known.update(others)
        if found is not None:
            line[ours] = item[found]
    plain = (str, int, float, bool)
    rest = {
        spelling(key): value
        for key, value in item.items()
        if key not in known and isinstance(value, plain) and key not in _EVENTS_OWN
    }
    if isinstance(item.get("value"), plain):
        rest["item_value"] = item["value"]  # money; the event's own is a rating
    return {**rest, **line}


def _order_id(event: Raw, kind: EventType | None, product: str, repeat: int) -> str | None:
    order = event.get("order")
    if kind not in {EventType.PURCHASE, EventType.REFUND} or order in (None, ""):
        return None
    return order_line_id(str(kind), str(order), product, repeat)


def _part_id(event: Raw, number: int, items: list[Raw]) -> str | None:
    base = event.get("id")
    return base if base is None or len(items) == 1 else short(f"{base}:{number}")


def order_line_id(kind: str, order: str, product: str, repeat: int = 1) -> str:
    """The id of an order's line: the same however often the order is sent.

    >>> order_line_id("purchase", "1001", "mug")
    'purchase:1001:mug'
    """
    return short(f"{kind}:{order}:{product}" + (f":{repeat}" if repeat > 1 else ""))


def short(identifier: str) -> str:
    """The identifier, or its digest where it is too long to be one."""
    if len(identifier) <= LONGEST:
        return identifier
    return blake2b(identifier.encode(errors="replace"), digest_size=16).hexdigest()


def _with_order_id(event: Raw) -> Raw:
    kind, order, product = event.get("type"), event.get("order"), event.get("product")
    if event.get("id") or not order or not product or kind not in {"purchase", "refund"}:
        return event
    return {**event, "id": order_line_id(str(kind), str(order), str(product))}
