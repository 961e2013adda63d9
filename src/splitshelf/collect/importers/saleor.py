"""Saleor orders: what its order webhooks send, flat as of old or as a GraphQL selection."""

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

_NO_SALE = frozenset({"draft", "unconfirmed", "canceled", "expired"})


def _order(record: Raw) -> Raw:
    """The order itself, which a subscription wraps."""
    return part(record, "order") or part(record, "event", "order") or record


def _finds(record: Raw) -> bool:
    order = _order(record)
    line = next(iter(parts(order, "lines")), {})
    return "created" in order and bool(
        {"product_sku", "productSku", "unitPrice", "variant"} & line.keys()
    )


def _lines(record: Raw) -> Iterator[Raw | str]:
    order = _order(record)
    status = str(order.get("status", "")).lower()
    if status in _NO_SALE:
        yield f"no sale ({status})"
        return
    email = first(order.get("userEmail"), order.get("user_email"))
    common = {
        "order": str(first(order.get("number"), order.get("id"))),
        "at": order["created"],
        "shopper": first(part(order, "user", "id"), pseudonym(email)),
        "currency": first(part(order, "total", "currency"), order.get("currency")),
        "context": context(channel=first(part(order, "channel", "slug"), None)),
    }
    kind = "refund" if status in {"returned", "refunded"} else "purchase"
    yield from order_lines("purchase", common, map(_item, parts(order, "lines")))
    if kind == "refund":
        yield from order_lines("refund", common, map(_item, parts(order, "lines")))


def _item(line: Raw) -> Raw:
    return context(
        product=first(
            line.get("productSku"),
            line.get("product_sku"),
            part(line, "variant", "sku"),
            part(line, "variant", "id"),
        ),
        quantity=line.get("quantity"),
        price=first(
            part(line, "unitPrice", "gross", "amount"),
            part(line, "unitPrice", "net", "amount"),
            line.get("unit_price_gross_amount"),
        ),
        currency=first(part(line, "unitPrice", "gross", "currency"), line.get("currency")),
        item_name=first(line.get("productName"), line.get("product_name")),
    )


ORDERS = RecordImporter("Saleor orders", _finds, _lines)
