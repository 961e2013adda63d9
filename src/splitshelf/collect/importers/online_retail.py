"""UCI Online Retail: every line of a year of a British gift shop (also its second edition).

An invoice whose number starts with C is a cancellation: its lines become refunds. Times are local
without a zone and are taken as UTC. A stock code that does not begin with five digits is postage,
a fee, a voucher or an adjustment, not a product.
"""

from splitshelf.collect.importers.contract import Mapped, TableImporter
from splitshelf.collect.importers.generic import identifier, moment, whole
from splitshelf.collect.importers.source import Source

_CANCELLED = "InvoiceNo LIKE 'C%'"
_UNITS = "try_cast(Quantity AS BIGINT)"
_AMERICAN = "try_strptime(InvoiceDate::VARCHAR, '%m/%d/%Y %H:%M')"
"""How the copy of the data that goes round as `data.csv` writes its times."""
_PRODUCT = r"'^\d{5}'"


def _fields(source: Source, mapped: Mapped) -> dict[str, str]:
    del source, mapped
    return {
        "at": moment(f"coalesce({_AMERICAN}::VARCHAR, InvoiceDate::VARCHAR)"),
        "type": f"CASE WHEN {_CANCELLED} THEN 'refund' ELSE 'purchase' END",
        "shopper": identifier("CustomerID"),
        "product": "trim(StockCode)",
        "quantity": whole("Quantity"),
        "price": "UnitPrice::VARCHAR",
        "currency": "'GBP'",
        "order": "trim(InvoiceNo)",
        "context": "{'country': Country}",
    }


EVENTS = TableImporter(
    "Online Retail (UCI)",
    ("InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"),
    _fields,
    drops=(
        ("no customer", "CustomerID IS NULL OR trim(CustomerID::VARCHAR) = ''"),
        (
            "not a product (postage, fees, vouchers, manual corrections)",
            f"NOT regexp_matches(StockCode, {_PRODUCT})",
        ),
        ("price is not positive", "try_cast(UnitPrice AS DOUBLE) <= 0"),
        (
            "quantity is not positive",
            f"{_UNITS} = 0 OR ({_UNITS} < 0) <> ({_CANCELLED})",
        ),
    ),
    remarks=(
        (
            (
                "{n} lines belong to cancelled invoices (number starts with C): those of a known"
                " customer and a real product are kept as refunds."
            ),
            _CANCELLED,
        ),
        ("Times carry no zone: taken as UTC.", "true"),
    ),
)


def _product_fields(source: Source, mapped: Mapped) -> dict[str, str]:
    del source, mapped
    return {
        "id": "trim(StockCode)",
        "title": "title",
        "category": "category_derived",
        "price": "nullif(price_median::VARCHAR, '')",
        "currency": "'GBP'",
        "published": moment("first_sold"),
    }


PRODUCTS = TableImporter(
    "Online Retail's products",
    ("StockCode", "title", "price_median", "category_derived", "first_sold"),
    _product_fields,
    drops=(
        (
            "not a product (postage, fees, vouchers, manual corrections)",
            f"NOT regexp_matches(StockCode, {_PRODUCT})",
        ),
    ),
    kind="products",
)
