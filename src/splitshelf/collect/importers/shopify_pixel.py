"""Shopify web pixels: the standard customer events, one a line of JSON.

Format: shopify.dev/docs/api/web-pixels-api/standard-events. A product is known by its variant's
SKU, else by the variant's id, as in the product exports.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from splitshelf.collect.importers.contract import RecordImporter
from splitshelf.collect.importers.order_lines import context, first, part, parts
from splitshelf.collect.vocabulary import SHOPIFY, event_type

Raw = Mapping[str, Any]

_KINDS = {*SHOPIFY, "product_viewed", "cart_viewed", "checkout_started"}


def _finds(record: Raw) -> bool:
    return {"clientId", "name", "data", "timestamp"} <= record.keys()


def _lines(record: Raw) -> Iterable[Raw | str]:
    name = str(record["name"])
    if name not in _KINDS:
        yield f"not an event of a shop: {name}"
        return
    data = record["data"]
    checkout = part(data, "checkout") or {}
    event = {
        "id": record["id"],
        "at": record["timestamp"],
        "type": str(event_type(name)),
        "shopper": first(part(checkout, "order", "customer", "id"), record["clientId"]),
        "order": first(part(checkout, "order", "id"), checkout.get("token")),
        "currency": checkout.get("currencyCode"),
        "context": _context(record, data),
    }
    items = _items(data)
    yield {**event, "items": items} if items and name != "search_submitted" else event


def _items(data: Raw) -> list[Raw]:
    if "checkout" in data:
        lines = parts(data, "checkout", "lineItems")
        return [_item(line.get("variant") or {}, line.get("quantity"), None) for line in lines]
    if "cartLine" in data:
        line = part(data, "cartLine") or {}
        return [_item(line.get("merchandise") or {}, line.get("quantity"), None)]
    if "collection" in data:
        variants = parts(data, "collection", "productVariants")
        return [_item(variant, 1, position) for position, variant in enumerate(variants)]
    return [_item(data["productVariant"], 1, None)] if "productVariant" in data else []


def _item(variant: Raw, quantity: object, position: int | None) -> Raw:
    return context(
        item_id=first(variant.get("sku"), variant.get("id")),
        item_name=first(part(variant, "product", "title"), variant.get("title")),
        item_brand=part(variant, "product", "vendor"),
        item_category=part(variant, "product", "type"),
        price=part(variant, "price", "amount"),
        currency=part(variant, "price", "currencyCode"),
        quantity=quantity,
        index=position,
    )


def _context(record: Raw, data: Raw) -> dict[str, Any]:
    return context(
        page=part(record, "context", "document", "location", "href"),
        referrer=part(record, "context", "document", "referrer"),
        agent=part(record, "context", "navigator", "userAgent"),
        placement=part(data, "collection", "id"),
        query=part(data, "searchResult", "query"),
        anonymous=record["clientId"] if part(data, "checkout", "order", "customer", "id") else None,
    )


EVENTS = RecordImporter("Shopify customer events", _finds, _lines)
