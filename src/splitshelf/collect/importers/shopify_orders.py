"""Shopify orders: the admin API's JSON, and the csv file of the admin's export.

In the csv, an order's first row holds everything and the rows of its other lines only the line: the
rest is filled down. Addresses are not kept; a shopper is the customer's number, else a pseudonym.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from splitshelf.collect.importers.contract import Mapped, RecordImporter, TableImporter
from splitshelf.collect.importers.generic import identifier
from splitshelf.collect.importers.order_lines import (
    context,
    first,
    order_lines,
    part,
    parts,
    pseudonym,
)
from splitshelf.collect.importers.source import Source, quoted

Raw = Mapping[str, Any]

_CANCELLED, _STATUS = quoted("Cancelled at"), quoted("Financial Status")
_NO_SALE = "'voided', 'pending', 'expired', 'refunded'"
_UNPAID = frozenset({"voided", "pending", "expired"})


def _finds(record: Raw) -> bool:
    return "line_items" in record and "financial_status" in record


def _lines(order: Raw) -> Iterator[Raw | str]:
    if order.get("test"):
        yield "test order"
        return
    if order.get("cancelled_at"):
        yield "cancelled order"
        return
    if order["financial_status"] in _UNPAID:
        yield f"order never paid ({order['financial_status']})"
        return
    common = _common(order)
    yield from order_lines("purchase", common, map(_item, parts(order, "line_items")))
    counted: Counter[str] = Counter()
    for refund in parts(order, "refunds"):
        returned = {**common, "at": refund.get("created_at")}
        items = map(_refunded, parts(refund, "refund_line_items"))
        yield from order_lines("refund", returned, items, counted=counted)


def _common(order: Raw) -> dict[str, Any]:
    return {
        "order": str(first(order.get("name"), order.get("id"))),
        "at": first(order.get("processed_at"), order.get("created_at")),
        "shopper": first(part(order, "customer", "id"), pseudonym(order.get("email"))),
        "currency": order.get("currency"),
        "context": context(
            agent=part(order, "client_details", "user_agent"),
            referrer=order.get("referring_site"),
            country=part(order, "shipping_address", "country_code"),
        ),
    }


def _item(item: Raw) -> Raw:
    return {
        "product": first(item.get("sku"), item.get("variant_id"), item.get("product_id")),
        "quantity": item.get("quantity"),
        "price": _paid(item),
        "item_name": first(item.get("title"), item.get("name")),
        "brand": item.get("vendor"),
    }


def _paid(item: Raw) -> object:
    """The price of one unit less its part of the discounts, which Shopify writes for the line."""
    off = sum(Decimal(str(part["amount"])) for part in parts(item, "discount_allocations"))
    if not off:
        return item.get("price")
    each = round(off / int(item["quantity"]), 4)
    return max(Decimal(str(item["price"])) - each, Decimal(0))


def _refunded(entry: Raw) -> Raw:
    return {**_item(entry.get("line_item") or {}), "quantity": entry.get("quantity")}


JSON = RecordImporter("Shopify orders", _finds, _lines)


def _down(column: str) -> str:
    """SQL for the value that the order's first row holds."""
    value = f"nullif({column}::VARCHAR, '')"
    return f"any_value({value}) OVER (PARTITION BY Name)"


def _fields(source: Source, mapped: Mapped) -> dict[str, str]:
    del mapped
    column = source.column
    sku, name = column("Lineitem sku"), column("Lineitem name")
    customer = _down(column("Customer ID"))
    email = f"lower(trim({_down(column('Email'))}))"
    product = f"coalesce({identifier(sku)}, {identifier(name)})"
    repeat = f"row_number() OVER (PARTITION BY Name, {product} ORDER BY line)"
    return {
        "id": f"'purchase:' || Name || ':' || {product}"
        f" || CASE WHEN {repeat} > 1 THEN ':' || {repeat} ELSE '' END",
        "at": f"regexp_replace({_down(column('Created at'))}, ' ([+-]\\d{{2}}):?(\\d{{2}})$',"
        " '\\1:\\2')",
        "type": "'purchase'",
        "shopper": f"coalesce({customer}, 'guest-' || left(sha256({email}), 20))",
        "product": product,
        "quantity": f"{column('Lineitem quantity')}::VARCHAR",
        "price": _net(source),
        "currency": _down(column("Currency")),
        "order": "Name",
        "context": f"{{'item_name': {name}}}",
    }


def _net(source: Source) -> str:
    """SQL for the price of one unit less its part of the line's discount."""
    price, units = source.column("Lineitem price"), source.column("Lineitem quantity")
    off = f"try_cast({source.column('Lineitem discount')} AS DECIMAL(18, 4))"
    each = f"round({off} / try_cast({units} AS INTEGER), 4)"
    net = f"greatest(try_cast({price} AS DECIMAL(18, 4)) - {each}, 0)"
    return f"CASE WHEN {off} > 0 THEN coalesce({net}::VARCHAR, {price}) ELSE {price}::VARCHAR END"


CSV = TableImporter(
    "Shopify orders export",
    (
        "Name",
        "Email",
        "Financial Status",
        "Lineitem quantity",
        "Lineitem price",
        "Created at",
        "Cancelled at",
    ),
    _fields,
    drops=(
        ("cancelled order", f"{_down(_CANCELLED)} IS NOT NULL"),
        ("order never paid or refunded whole", f"{_down(_STATUS)} IN ({_NO_SALE})"),
    ),
)
