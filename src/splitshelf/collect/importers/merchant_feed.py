"""Google Merchant Center feeds: the tab-separated file and the XML (RSS 2.0 or Atom).

Format: support.google.com/merchants/answer/7052112. A price is written `15.00 USD`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from splitshelf.collect.importers.contract import Mapped, RecordImporter, TableImporter
from splitshelf.collect.importers.order_lines import context, first
from splitshelf.collect.importers.source import Source, literal
from splitshelf.collect.vocabulary import spelling

Raw = Mapping[str, Any]

_ATTRIBUTES = (
    "color", "size", "material", "pattern", "gender", "age_group", "condition", "gtin", "mpn",
    "custom_label_0", "custom_label_1", "custom_label_2", "custom_label_3", "custom_label_4",
)  # fmt: skip


def _product(item: Raw) -> Raw:
    price, currency = _money(item.get("price"))
    sale, _ = _money(item.get("sale_price"))
    return context(
        id=item.get("id"),
        title=item.get("title"),
        description=item.get("description"),
        url=item.get("link"),
        image=item.get("image_link"),
        brand=item.get("brand"),
        category=first(item.get("product_type"), item.get("google_product_category")),
        price=sale or price,
        list_price=price if sale else None,
        cost=_money(item.get("cost_of_goods_sold"))[0],
        currency=currency,
        available=item.get("availability"),
        group=item.get("item_group_id"),
        expires=item.get("expiration_date"),
        attributes={name: str(item[name]) for name in _ATTRIBUTES if item.get(name)},
    )


def _money(value: object) -> tuple[str | None, str | None]:
    """`15.00 USD` as amount and currency; the door judges them."""
    amount, _, currency = str(value or "").strip().partition(" ")
    return amount or None, currency.strip() or None


def _finds(record: Raw) -> bool:
    return {"id", "title", "link", "price"} <= record.keys() and "availability" in record


def _lines(record: Raw) -> Iterator[Raw]:
    yield _product(record)


def _fields(source: Source, mapped: Mapped) -> dict[str, str]:
    del mapped
    column = source.column

    def text(*names: str) -> str:
        return f"nullif(trim({column(*names)}), '')"

    price, sale = text("price"), text("sale_price")
    pairs = ", ".join(f"{literal(name)}, {text(name)}" for name in _ATTRIBUTES)
    return {
        "id": text("id"),
        "title": text("title"),
        "description": text("description"),
        "url": text("link"),
        "image": text("image_link"),
        "brand": text("brand"),
        "category": f"coalesce({text('product_type')}, {text('google_product_category')})",
        "price": f"split_part(coalesce({sale}, {price}), ' ', 1)",
        "list_price": f"CASE WHEN {sale} IS NOT NULL THEN split_part({price}, ' ', 1) END",
        "cost": f"split_part({text('cost_of_goods_sold')}, ' ', 1)",
        "currency": f"nullif(split_part({price}, ' ', 2), '')",
        "available": text("availability"),
        "group": text("item_group_id"),
        "expires": text("expiration_date"),
        "attributes": f"json_merge_patch('{{}}', json_object({pairs}))",  # drops the nulls
    }


class _Feed(TableImporter):
    """Its names may be spelled with spaces, as in `image link`."""

    def knows(self, source: Source) -> bool:
        """Whether the columns are there, and with them what only a feed has."""
        names = {spelling(column) for column in source.columns}
        return set(self.columns) <= names and bool({"link", "image_link"} & names)


TABLE = _Feed(
    "Google Merchant feed", ("id", "title", "price", "availability"), _fields, kind="products"
)
XML = RecordImporter("Google Merchant feed (XML)", _finds, _lines, kind="products")
