"""Segment, and what copies its spec (RudderStack, PostHog): one call a line of JSON.

Format: the e-commerce spec, version 2. Segment counts positions from 1, we from 0.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from splitshelf.collect.importers.contract import RecordImporter
from splitshelf.collect.importers.order_lines import context, first, part, parts
from splitshelf.collect.vocabulary import SEGMENT, spelling

Raw = Mapping[str, Any]


def _finds(record: Raw) -> bool:
    return "messageId" in record and bool({"anonymousId", "userId"} & record.keys())


def _lines(record: Raw) -> Iterable[Raw | str]:
    name = str(record.get("event") or record.get("type"))
    kind = SEGMENT.get(spelling(name))
    if kind is None or record.get("type") not in {"track", None}:
        yield f"not an event of a shop: {name}"
        return
    properties = part(record, "properties") or {}
    products = parts(record, "properties", "products")
    event = {
        "id": record["messageId"],
        "at": first(record.get("timestamp"), record.get("originalTimestamp")),
        "type": str(kind),
        "shopper": first(record.get("userId"), record.get("anonymousId")),
        "session": first(properties.get("session_id"), part(record, "context", "sessionId")),
        "order": first(properties.get("order_id"), properties.get("checkout_id")),
        "currency": properties.get("currency"),
        "value": properties.get("rating"),
        "context": _context(record, properties),
    }
    if products:
        yield {**event, "items": [_counted_from_zero(product) for product in products]}
    elif first(properties.get("product_id"), properties.get("sku")):
        yield {**event, "items": [_counted_from_zero(_only_item(properties))]}
    else:
        yield event


def _context(record: Raw, properties: Raw) -> dict[str, Any]:
    return context(
        page=part(record, "context", "page", "url"),
        referrer=part(record, "context", "page", "referrer"),
        agent=part(record, "context", "userAgent"),
        placement=properties.get("list_id"),
        query=properties.get("query"),
        coupon=properties.get("coupon"),
        anonymous=record.get("anonymousId") if record.get("userId") else None,
    )


def _only_item(properties: Raw) -> Raw:
    return {key: value for key, value in properties.items() if key not in {"rating", "order_id"}}


def _counted_from_zero(product: Raw) -> Raw:
    position = product.get("position")
    if not isinstance(position, int) or position < 1:
        return product
    return {**product, "position": position - 1}


TRACKS = RecordImporter("Segment", _finds, _lines)
