"""OTTO sessions: a line a session, with clicks, carts and orders in milliseconds.

A click in OTTO is a visit to a product's page: a view. There are no shoppers: a session is one.
Orders carry no number: what a session orders in the same millisecond is one order.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from splitshelf.collect.importers.contract import RecordImporter

Raw = Mapping[str, Any]

_TYPES = {"clicks": "view", "carts": "add_to_cart", "orders": "purchase"}


def _finds(record: Raw) -> bool:
    events = record.get("events")
    return "session" in record and isinstance(events, list) and "aid" in (events or [{}])[0]


def _lines(record: Raw) -> Iterator[Raw | str]:
    session = str(record["session"])
    for event in record["events"]:
        kind = _TYPES.get(event["type"])
        line = {
            "at": event["ts"],
            "type": kind or event["type"],
            "shopper": session,
            "session": session,
            "product": event["aid"],
        }
        yield {**line, "order": f"{session}-{event['ts']}"} if kind == "purchase" else line


SESSIONS = RecordImporter("OTTO sessions", _finds, _lines)
