"""Medusa orders, version 2 (amounts are decimals; version 1 wrote cents and is not read)."""

from collections.abc import Iterator, Mapping
from typing import Any

from splitshelf.collect.importers.contract import RecordImporter
from splitshelf.collect.importers.order_lines import (
    context,
    first,
    order_lines,
    part,
    parts,
    pseudonym,
)

Raw = Mapping[str, Any]


def _finds(record: Raw) -> bool:
    item = next(iter(parts(record, "items")), {})
    return "currency_code" in record and "unit_price" in item


def _lines(order: Raw) -> Iterator[Raw | str]:
    status = str(order.get("status"))
    if status in {"canceled", "draft", "archived"} or order.get("canceled_at"):
        yield f"no sale ({status})"
        return
    common = {
        "order": str(first(order.get("id"), order.get("display_id"))),
        "at": order["created_at"],
        "shopper": first(order.get("customer_id"), pseudonym(order.get("email"))),
        "currency": order.get("currency_code"),
        "context": context(country=part(order, "shipping_address", "country_code")),
    }
    items = parts(order, "items")
    yield from order_lines(
        "purchase", common, [_item(item, item.get("quantity")) for item in items]
    )
    back = [(item, part(item, "detail", "return_received_quantity")) for item in items]
    yield from order_lines("refund", common, [_item(item, n) for item, n in back if n])


def _item(item: Raw, quantity: object) -> Raw:
    return context(
        product=first(item.get("variant_sku"), item.get("variant_id"), item.get("product_id")),
        quantity=quantity,
        price=item.get("unit_price"),
        item_name=first(item.get("product_title"), item.get("title")),
    )


ORDERS = RecordImporter("Medusa orders", _finds, _lines)
