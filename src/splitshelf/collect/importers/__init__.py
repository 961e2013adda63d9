"""What can be imported: one line a format, the special before the general.

A file is read by the first that knows it.
"""

from typing import Final

from splitshelf.collect.importers import generic, online_retail
from splitshelf.collect.importers.contract import Importer

IMPORTERS: Final[dict[str, Importer]] = {
    "online_retail": online_retail.EVENTS,
    "online_retail_products": online_retail.PRODUCTS,
    "product_table": generic.PRODUCTS,
    "table": generic.TABLE,
    "product_records": generic.PRODUCT_RECORDS,
    "records": generic.RECORDS,
}
