"""PrestaShop orders: the JSON of its web service, with `associations.order_rows`.

The web service names a currency only by number: prices take the shop's currency.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from splitshelf.collect.importers.contract import RecordImporter
from splitshelf.collect.importers.order_lines import context, first, order_lines, part, parts

Raw = Mapping[str, Any]


def _finds(record: Raw) -> bool:
    return "id_customer" in record and part(record, "associations", "order_rows") is not None


def _lines(order: Raw) -> Iterator[Raw | str]:
    if str(order.get("valid")) == "0":
        yield "order not paid (valid is 0)"
        return
    common = {
        "order": str(first(order.get("reference"), order.get("id"))),
        "at": order["date_add"],
        "shopper": order["id_customer"],
    }
    rows = parts(order, "associations", "order_rows")
    yield from order_lines("purchase", common, map(_item, rows))
    back = [row for row in rows if _returned(row)]
    yield from order_lines("refund", common, [{**_item(r), "quantity": _returned(r)} for r in back])


def _returned(row: Raw) -> int:
    refunded = row.get("product_quantity_refunded") or 0
    return int(refunded) + int(row.get("product_quantity_return") or 0)


def _item(row: Raw) -> Raw:
    return context(
        product=first(row.get("product_reference"), row.get("product_id")),
        quantity=row.get("product_quantity"),
        price=first(row.get("unit_price_tax_incl"), row.get("product_price")),
        item_name=row.get("product_name"),
    )


ORDERS = RecordImporter(
    "PrestaShop orders",
    _finds,
    _lines,
    remarks=(
        "Times carry no zone: taken as UTC.",
        "The currency is only a number there: prices are taken for the shop's currency.",
    ),
)
