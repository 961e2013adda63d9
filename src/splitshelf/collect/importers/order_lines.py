"""An order of any shop system as raw purchases and refunds: what its importers share."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any

from splitshelf.collect.items import order_line_id

Raw = Mapping[str, Any]


def pseudonym(email: object) -> str | None:
    """A stable id for a guest that does not show the address; None without an address."""
    text = str(email or "").strip().lower()
    if not text:
        return None
    return "guest-" + sha256(text.encode(errors="replace")).hexdigest()[:20]


def first(*values: object) -> Any:  # noqa: ANN401 (whatever the file holds; the door judges it)
    """The first value that says something, or None."""
    return next((value for value in values if value not in (None, "", 0, "0")), None)


def order_lines(
    kind: str, common: Raw, items: Iterable[Raw], *, counted: Counter[str] | None = None
) -> Iterator[Raw]:
    """The lines of an order, each with the id it has however often the order is exported.

    `common` holds order, at, shopper, currency, context; an item product, quantity, price.
    `counted` remembers the products of earlier parts of the same order, as of several refunds.
    """
    seen = Counter() if counted is None else counted
    for item in items:
        product = str(item.get("product") or "")
        seen[product] += 1
        identifier = order_line_id(kind, str(common.get("order")), product, seen[product])
        yield {**common, **item, "type": kind, "id": identifier}


def context(**values: object) -> dict[str, Any]:
    """The values that say something."""
    return {key: value for key, value in values.items() if value not in (None, "")}


def part(record: Raw, *path: str) -> Any:  # noqa: ANN401 (as above)
    """What lies at the end of a path of keys, or None where the path breaks off."""
    value: Any = record
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def parts(record: Raw, *path: str) -> list[Any]:
    """The list of objects at the end of a path of keys; empty where there is none."""
    value = part(record, *path)
    return (
        [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []
    )
