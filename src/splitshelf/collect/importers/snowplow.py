"""Snowplow: enriched events as JSON, with the e-commerce action and its entities.

Format: the schemas under com.snowplowanalytics.snowplow.ecommerce, as the analytics SDKs spell them
out (`unstruct_event_...` one object, `contexts_...` lists).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from splitshelf.collect.importers.contract import RecordImporter
from splitshelf.collect.importers.order_lines import context, first, part, parts
from splitshelf.collect.vocabulary import EVENT_NAMES, SNOWPLOW

Raw = Mapping[str, Any]

_PREFIX = "com_snowplowanalytics_snowplow_ecommerce"
_ACTION = f"unstruct_event_{_PREFIX}_snowplow_ecommerce_action_1"
_KINDS = {
    **SNOWPLOW,
    **{name: EVENT_NAMES[name] for name in ("add_to_cart", "remove_from_cart", "refund")},
}


def _finds(record: Raw) -> bool:
    return "event_id" in record and bool({"domain_userid", "collector_tstamp"} & record.keys())


def _lines(record: Raw) -> Iterable[Raw | str]:
    action = part(record, _ACTION) or {}
    kind = _KINDS.get(str(action.get("type")))
    if kind is None:
        yield f"not an event of a shop: {action.get('type') or record.get('event') or 'unknown'}"
        return
    order = next(iter([*_entities(record, "transaction"), *_entities(record, "refund")]), {})
    event = {
        "id": record["event_id"],
        "at": first(record.get("derived_tstamp"), record.get("collector_tstamp")),
        "type": str(kind),
        "shopper": first(record.get("user_id"), record.get("domain_userid")),
        "session": record.get("domain_sessionid"),
        "order": order.get("transaction_id"),
        "currency": order.get("currency"),
        "context": _context(record, action),
    }
    items = [_item(product) for product in _entities(record, "product")]
    yield {**event, "items": items} if items else event


def _entities(record: Raw, name: str) -> list[Raw]:
    return parts(record, f"contexts_{_PREFIX}_{name}_1")


def _item(product: Raw) -> Raw:
    return {"item_id": product.get("id"), "item_name": product.get("name")} | {
        key: product[key]
        for key in ("price", "quantity", "position", "brand", "category", "variant", "currency")
        if product.get(key) is not None
    }


def _context(record: Raw, action: Raw) -> dict[str, Any]:
    return context(
        page=record.get("page_url"),
        referrer=record.get("page_referrer"),
        device=first(record.get("dvce_type"), None),
        agent=record.get("useragent"),
        country=record.get("geo_country"),
        placement=action.get("name"),
        anonymous=record.get("domain_userid") if record.get("user_id") else None,
    )


EVENTS = RecordImporter("Snowplow e-commerce events", _finds, _lines)
