"""schema.org products: JSON-LD as pages carry it, one object, a list or a `@graph`."""

from collections.abc import Iterator, Mapping
from typing import Any

from splitshelf.collect.importers.contract import RecordImporter
from splitshelf.collect.importers.order_lines import context, first, part

Raw = Mapping[str, Any]

_KINDS = {"Product", "ProductGroup", "ProductModel", "IndividualProduct"}


def _kinds(record: Raw) -> set[str]:
    kind = record.get("@type")
    names = kind if isinstance(kind, list) else [kind]
    return {str(name).rsplit("/", 1)[-1] for name in names}


def _finds(record: Raw) -> bool:
    return "@graph" in record or bool(_kinds(record) & _KINDS)


def _lines(record: Raw) -> Iterator[Raw | str]:
    graph = record.get("@graph")
    if isinstance(graph, list):
        for node in graph:
            yield from _lines(node)
        return
    kinds = _kinds(record)
    if not kinds & _KINDS:
        yield f"not a product: {', '.join(sorted(kinds))}"
        return
    variants = _many(record.get("hasVariant"))
    if not variants:
        yield _product(record, {})
    for variant in variants:
        yield _product(variant, record)


def _many(value: object) -> list[Raw]:
    values = value if isinstance(value, list) else [value]
    return [entry for entry in values if isinstance(entry, Mapping)]


def _product(node: Raw, group: Raw) -> Raw:
    both = {**group, **node}
    offer = next(iter(_many(both.get("offers"))), {})
    return context(
        id=first(*(node.get(key) for key in ("sku", "productID", "gtin", "gtin13", "mpn", "@id"))),
        title=_text(both.get("name")),
        description=_text(both.get("description")),
        brand=_text(both.get("brand")),
        category=_text(both.get("category")),
        price=first(offer.get("price"), offer.get("lowPrice")),
        list_price=_list_price(offer),
        currency=offer.get("priceCurrency"),
        available=_available(offer),
        group=first(
            node.get("inProductGroupWithID"),
            part(node, "isVariantOf", "productGroupID"),
            group.get("productGroupID"),
        ),
        url=first(_text(both.get("url")), offer.get("url")),
        image=_text(both.get("image")),
        expires=offer.get("priceValidUntil"),
        attributes=_attributes(both),
    )


def _text(value: object) -> str | None:
    """The text of a value that may be a list, or an object with a name or an address."""
    if isinstance(value, list):
        return _text(value[0]) if value else None
    if isinstance(value, Mapping):
        return _text(first(value.get("name"), value.get("url"), value.get("contentUrl")))
    return value if isinstance(value, str) else None


def _list_price(offer: Raw) -> object:
    prices = _many(offer.get("priceSpecification"))
    listed = [p for p in prices if str(p.get("priceType")).endswith(("ListPrice", "MSRP"))]
    return listed[0].get("price") if listed else None


def _available(offer: Raw) -> str | None:
    value = offer.get("availability")
    return str(value).rsplit("/", 1)[-1] if value else None


def _attributes(node: Raw) -> dict[str, str]:
    names = ("color", "size", "material", "pattern", "gtin", "gtin13", "mpn", "keywords")
    rating = node.get("aggregateRating")
    found = {name: _text(node.get(name)) for name in names}
    if isinstance(rating, Mapping):
        found |= {"rating": str(rating.get("ratingValue")), "reviews": _count(rating)}
    return {key: value for key, value in found.items() if value}


def _count(rating: Raw) -> str | None:
    value = first(rating.get("reviewCount"), rating.get("ratingCount"))
    return None if value is None else str(value)


PRODUCTS = RecordImporter("schema.org products", _finds, _lines, kind="products")
