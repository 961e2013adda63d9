"""Shopify products: the export's csv in its header of 2025 and its older one, and the API's JSON.

In the csv a product's first row holds everything and the rows of its other variants only what
differs: the rest is filled down by handle. Rows that only add a picture are left out.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from splitshelf.collect.importers.contract import Mapped, RecordImporter, TableImporter
from splitshelf.collect.importers.order_lines import context, first, parts
from splitshelf.collect.importers.source import Source, quoted

Raw = Mapping[str, Any]

_NAMES: dict[str, tuple[str, str]] = {
    "handle": ("URL handle", "Handle"),
    "title": ("Title", "Title"),
    "description": ("Description", "Body (HTML)"),
    "brand": ("Vendor", "Vendor"),
    "category": ("Product category", "Product Category"),
    "type": ("Type", "Type"),
    "tags": ("Tags", "Tags"),
    "status": ("Status", "Status"),
    "published": ("Published on online store", "Published"),
    "sku": ("SKU", "Variant SKU"),
    "price": ("Price", "Variant Price"),
    "list_price": ("Compare-at price", "Variant Compare At Price"),
    "cost": ("Cost per item", "Cost per item"),
    "stock": ("Inventory quantity", "Variant Inventory Qty"),
    "policy": ("Continue selling when out of stock", "Variant Inventory Policy"),
    "image": ("Product image URL", "Image Src"),
    "variant_image": ("Variant image URL", "Variant Image"),
}
"""What a column means, and its name in the new header and in the old."""


def _fields(source: Source, mapped: Mapped) -> dict[str, str]:
    del mapped
    own = {ours: f"nullif({source.column(*names)}, '')" for ours, names in _NAMES.items()}
    handle = source.column(*_NAMES["handle"])
    down = {ours: f"first_value({sql} IGNORE NULLS) {_over(handle)}" for ours, sql in own.items()}
    stock = f"try_cast({own['stock']} AS BIGINT)"
    sells_on = f"lower({own['policy']}) IN ('true', 'continue', 'yes')"
    price, listed = own["price"], own["list_price"]
    reduced = f"try_cast({listed} AS DOUBLE) > try_cast({price} AS DOUBLE)"
    return {
        "id": f"coalesce({own['sku']}, {handle})",
        "title": down["title"],
        "description": f"coalesce({down['description']}, '')",
        "brand": down["brand"],
        "category": f"coalesce({down['category']}, {down['type']})",
        "price": price,
        "list_price": f"CASE WHEN {reduced} THEN {listed} END",
        "cost": own["cost"],
        "stock": f"CASE WHEN NOT coalesce({sells_on}, false) AND {stock} IS NOT NULL"
        f" THEN greatest({stock}, 0) END",
        "available": f"coalesce(lower({down['status']}), 'active') = 'active'"
        f" AND coalesce(lower({down['published']}), 'true') <> 'false'",
        "group": handle,
        "image": f"coalesce({own['variant_image']}, {down['image']})",
        "attributes": _attributes(source, down["tags"], handle),
    }


def _over(handle: str) -> str:
    return f"OVER (PARTITION BY {handle} ORDER BY line ROWS UNBOUNDED PRECEDING)"


def _attributes(source: Source, tags: str, handle: str) -> str:
    pairs = [f"'tags', {tags}"]
    for number in (1, 2, 3):
        name, value = source.column(f"Option{number} name"), source.column(f"Option{number} value")
        filled = f"first_value(nullif({name}, '') IGNORE NULLS) {_over(handle)}"
        pairs.append(f"coalesce({filled}, 'option {number}'), nullif({value}, '')")
    return f"json_merge_patch('{{}}', json_object({', '.join(pairs)}))"  # drops the nulls


def _picture_only(price: str, title: str) -> tuple[tuple[str, str], ...]:
    blank = f"nullif({quoted(price)}, '') IS NULL AND nullif({quoted(title)}, '') IS NULL"
    return (("a row that only adds a picture", blank),)


NEW = TableImporter(
    "Shopify products export",
    ("Title", "URL handle", "Price"),
    _fields,
    drops=_picture_only("Price", "Title"),
    kind="products",
)
OLD = TableImporter(
    "Shopify products export (older header)",
    ("Handle", "Title", "Variant Price"),
    _fields,
    drops=_picture_only("Variant Price", "Title"),
    kind="products",
)


def _finds(record: Raw) -> bool:
    return "variants" in record and "handle" in record


def _lines(product: Raw) -> Iterator[Raw]:
    images = parts(product, "images")
    options = parts(product, "options")
    for variant in parts(product, "variants"):
        yield context(
            id=str(first(variant.get("sku"), variant.get("id"))),
            title=product.get("title"),
            description=product.get("body_html"),
            brand=product.get("vendor"),
            category=product.get("product_type"),
            price=variant.get("price"),
            list_price=_reduced(variant),
            stock=_stock(variant),
            available=product.get("status", "active") == "active",
            group=product["handle"],
            image=images[0].get("src") if images else None,
            published=product.get("published_at"),
            attributes=_options(options, variant, product.get("tags")),
        )


def _reduced(variant: Raw) -> object:
    listed, price = variant.get("compare_at_price"), variant.get("price")
    return listed if listed and float(listed) > float(price or 0) else None


def _stock(variant: Raw) -> object:
    stock = variant.get("inventory_quantity")
    if variant.get("inventory_policy") == "continue" or stock is None:
        return None
    return max(int(stock), 0)


def _options(options: list[Any], variant: Raw, tags: object) -> dict[str, str]:
    named = {
        str(option.get("name")): variant.get(f"option{number}")
        for number, option in enumerate(options, start=1)
    }
    found = {**named, "tags": ", ".join(map(str, tags)) if isinstance(tags, list) else tags}
    return {key: str(value) for key, value in found.items() if value}


JSON = RecordImporter("Shopify products", _finds, _lines, kind="products")
