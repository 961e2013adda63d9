"""RetailRocket's events.csv: views, carts and transactions, in milliseconds."""

from splitshelf.collect.importers.contract import Mapped, TableImporter
from splitshelf.collect.importers.generic import event_types, identifier
from splitshelf.collect.importers.source import Source


def _fields(source: Source, mapped: Mapped) -> dict[str, str]:
    del source, mapped
    return {
        "at": "make_timestamp(try_cast(timestamp AS BIGINT) * 1000)::VARCHAR || 'Z'",
        "type": event_types("event"),
        "shopper": identifier("visitorid"),
        "product": identifier("itemid"),
        "order": identifier("transactionid"),
    }


EVENTS = TableImporter(
    "RetailRocket",
    ("timestamp", "visitorid", "event", "itemid", "transactionid"),
    _fields,
)
