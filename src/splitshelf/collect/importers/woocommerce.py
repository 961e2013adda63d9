"""WooCommerce: orders of its REST API (version 3), and the csv file of its product export."""

from collections.abc import Iterator, Mapping
from html import unescape
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
from splitshelf.collect.importers.source import Source, literal, quoted

Raw = Mapping[str, Any]

_PAID = frozenset({"processing", "completed", "on-hold", "refunded"})


def _finds(record: Raw) -> bool:
    return "line_items" in record and bool({"date_created", "date_created_gmt"} & record.keys())


def _lines(order: Raw) -> Iterator[Raw | str]:
    status = str(order.get("status"))
    if status not in _PAID:
        yield f"order not paid ({status})"
        return
    guest = pseudonym(part(order, "billing", "email"))
    common = {
        "order": str(first(order.get("number"), order.get("id"))),
        "at": first(order.get("date_created_gmt"), order.get("date_created")),
        "shopper": first(order.get("customer_id"), guest),
        "currency": order.get("currency"),
        "context": context(
            agent=order.get("customer_user_agent"), country=part(order, "billing", "country")
        ),
    }
    items = [_item(item) for item in parts(order, "line_items")]
    yield from order_lines("purchase", common, items)
    if status == "refunded":
        returned = first(order.get("date_modified_gmt"), order.get("date_modified"), common["at"])
        yield from order_lines("refund", {**common, "at": returned}, items)


def _item(item: Raw) -> Raw:
    return {
        "product": first(item.get("sku"), item.get("variation_id"), item.get("product_id")),
        "quantity": item.get("quantity"),
        "price": item.get("price"),
        "item_name": unescape(str(item.get("name") or "")),
    }


ORDERS = RecordImporter("WooCommerce orders", _finds, _lines)


def _fields(source: Source, mapped: Mapped) -> dict[str, str]:
    del mapped
    column = source.column
    sale, regular = column("Sale price"), column("Regular price")
    return {
        "id": f"coalesce({identifier(column('SKU'))}, {identifier(column('ID'))})",
        "title": column("Name"),
        "description": f"coalesce({_inherited(source, 'Description')},"
        f" {_inherited(source, 'Short description')}, '')",
        "category": f"split_part({_inherited(source, 'Categories')}, ', ', 1)",
        "price": f"coalesce(nullif({sale}, ''), nullif({regular}, ''))",
        "list_price": f"CASE WHEN nullif({sale}, '') IS NOT NULL THEN nullif({regular}, '') END",
        "stock": f"CASE WHEN coalesce({column('Backorders allowed?')}, '0') IN ('', '0')"
        f" THEN nullif({column('Stock')}, '') END",
        "available": f"{column('Published')} = '1' AND coalesce({column('In stock?')}, '1') <> '0'",
        "group": f"nullif(replace({column('Parent')}, 'id:', ''), '')",
        "brand": _inherited(source, "Brands"),
        "image": f"nullif(split_part({column('Images')}, ', ', 1), '')",
        "attributes": _attributes(source),
    }


def _inherited(source: Source, name: str) -> str:
    """SQL for a value that a variation may leave to its parent, which it names by SKU or number."""
    value = f"nullif({source.column(name)}, '')"
    sku, number = f"nullif({source.column('SKU')}, '')", f"'id:' || {source.column('ID')}"
    parents = f"CASE WHEN Type = 'variable' THEN {value} END"
    family = f"coalesce(nullif({source.column('Parent')}, ''), {sku}, {number})"
    return f"coalesce({value}, any_value({parents}) OVER (PARTITION BY {family}))"


def _attributes(source: Source) -> str:
    """Tags, and the numbered pairs of columns `Attribute 1 name` and `Attribute 1 value(s)`."""
    pairs = [f"'tags', nullif({source.column('Tags')}, '')"]
    for label in source.columns:
        value = label.removesuffix(" name") + " value(s)"
        if label.startswith("Attribute ") and value in source.columns:
            key = f"coalesce(nullif({quoted(label)}, ''), {literal(label)})"
            pairs.append(f"{key}, nullif({quoted(value)}, '')")
    return f"json_merge_patch('{{}}', json_object({', '.join(pairs)}))"  # drops the nulls


PRODUCTS = TableImporter(
    "WooCommerce products",
    ("ID", "Type", "SKU", "Name", "Regular price", "Categories"),
    _fields,
    kind="products",
    drops=(("the parent of variations", "Type = 'variable'"),),
)
