"""Google Analytics 4: its BigQuery export as JSON lines, and the same laid flat in a csv file.

Format: support.google.com/analytics/answer/7029846. A row is an event; its parameters are a list of
keys with typed values, its items a list. An item's row becomes one event of ours.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from splitshelf.collect.importers.contract import Mapped, RecordImporter, TableImporter
from splitshelf.collect.importers.generic import identifier
from splitshelf.collect.importers.order_lines import context, part, parts
from splitshelf.collect.importers.source import Source, literal
from splitshelf.collect.vocabulary import GA4
from splitshelf.core.events import PRODUCT_TYPES

Raw = Mapping[str, Any]

_UNSET = "(not set)"
_NOBODY = "no shopper: sent without consent"
_NOTHING = "names no product"


def _finds(record: Raw) -> bool:
    return {"event_name", "event_timestamp", "event_params"} <= record.keys()


def _lines(record: Raw) -> Iterable[Raw | str]:
    name = str(record["event_name"])
    if name not in GA4:
        yield f"not an event of a shop: {name}"
        return
    shopper, params = _said(record.get("user_id") or record.get("user_pseudo_id")), _params(record)
    items = _items(record)
    if shopper is None:
        yield _NOBODY
        return
    if not items and GA4[name] in PRODUCT_TYPES:
        yield _NOTHING
        return
    order = _said(part(record, "ecommerce", "transaction_id"))
    yield {
        "id": _id(record),
        "at": record["event_timestamp"],
        "type": str(GA4[name]),
        "shopper": shopper,
        "session": _session(record, params),
        "currency": params.get("currency"),
        "order": order or _said(params.get("transaction_id")),
        "dwell": _seconds(params.get("engagement_time_msec")),
        "context": _context(record, params),
        **items,
    }


def _said(value: object) -> object:
    """The value, or None where Google says that there is none."""
    return None if value in (None, "", _UNSET) else value


def _session(record: Raw, params: Raw) -> str | None:
    """The number of a session is the second it began in: another device may have the same."""
    number = params.get("ga_session_id")
    return None if number is None else f"{record.get('user_pseudo_id')}.{number}"


def _params(record: Raw) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for param in parts(record, "event_params"):
        values = param.get("value") or {}
        found[str(param.get("key"))] = next((v for v in values.values() if v is not None), None)
    return found


def _id(record: Raw) -> str:
    keys = ("user_pseudo_id", "event_timestamp", "event_name", "event_bundle_sequence_id")
    pieces = [*(record.get(key) for key in keys), record.get("batch_event_index")]
    return "-".join(str(piece) for piece in pieces if piece is not None)


def _seconds(milliseconds: object) -> float | None:
    return float(milliseconds) / 1000 if isinstance(milliseconds, int | float | str) else None


def _context(record: Raw, params: Raw) -> dict[str, Any]:
    return context(
        device=part(record, "device", "category"),
        browser=part(record, "device", "web_info", "browser"),
        country=part(record, "geo", "country"),
        region=part(record, "geo", "region"),
        page=params.get("page_location"),
        referrer=params.get("page_referrer"),
        query=params.get("search_term"),
        placement=params.get("item_list_id"),
        coupon=params.get("coupon"),
        anonymous=record.get("user_pseudo_id") if record.get("user_id") else None,
    )


def _items(record: Raw) -> dict[str, Any]:
    items = [_item_of(item) for item in parts(record, "items")]
    return {"items": items} if items else {}


def _item_of(item: Raw) -> dict[str, Any]:
    found = {key: value for key, value in item.items() if _said(value) is not None}
    position = str(found.pop("item_list_index", ""))
    return {**found, "index": int(position)} if position.isdecimal() else found


EXPORT = RecordImporter("GA4 BigQuery export", _finds, _lines)


def _fields(source: Source, mapped: Mapped) -> dict[str, str]:
    del mapped
    column = source.column
    user, device = column("user_id"), column("user_pseudo_id")
    names = " ".join(f"WHEN {literal(k)} THEN {literal(v)}" for k, v in GA4.items())
    item, stamp = _item(source), column("event_timestamp")
    kind = column("event_name")
    order = _text(column("transaction_id", "ecommerce.transaction_id"))
    sold = f"{kind} IN ('purchase', 'refund') AND {order} IS NOT NULL"
    session = identifier(column("ga_session_id"))
    return {
        "id": f"CASE WHEN {sold} THEN concat_ws(':', {kind}, {order}, {item})"
        f" ELSE concat_ws('-', {device}, {stamp}, {kind}, {item}) END",
        "at": f"make_timestamp(try_cast({stamp} AS BIGINT))::VARCHAR || 'Z'",
        "type": f"CASE {kind} {names} END",
        "shopper": identifier(f"coalesce({_text(user)}, {device}::VARCHAR)"),
        "session": f"{device} || '.' || {session}",
        "product": item,
        "quantity": f"coalesce(nullif({column('quantity', 'items.quantity')}::VARCHAR, ''), '1')",
        "price": f"nullif({column('price', 'items.price')}::VARCHAR, '')",
        "currency": f"nullif({column('currency')}::VARCHAR, '')",
        "order": identifier(order),
        "context": _flat_context(source),
    }


def _text(column: str) -> str:
    """SQL for a text; NULL where it is empty or Google says that there is none."""
    return f"nullif(nullif({column}::VARCHAR, ''), {literal(_UNSET)})"


def _item(source: Source) -> str:
    return identifier(_text(source.column("item_id", "items.item_id")))


def _flat_context(source: Source) -> str:
    found = {
        "item_name": ("item_name", "items.item_name"),
        "brand": ("item_brand", "items.item_brand"),
        "category": ("item_category", "items.item_category"),
        "placement": ("item_list_id", "items.item_list_id", "item_list_name"),
        "device": ("device_category", "device.category"),
        "country": ("country", "geo_country", "geo.country"),
        "page": ("page_location",),
        "query": ("search_term",),
    }
    pairs = [f"{literal(k)}: {_text(source.column(*v))}" for k, v in found.items()]
    position = f"try_cast({source.column('item_list_index', 'items.item_list_index')} AS INTEGER)"
    pairs.append(f"'position': {position}")
    return f"json_merge_patch('{{}}', to_json({{{', '.join(pairs)}}}))"  # drops the nulls


_SHOP = ", ".join(literal(name) for name in GA4)

FLAT = TableImporter(
    "GA4 export, one item a row",
    ("event_name", "event_timestamp", "user_pseudo_id"),
    _fields,
    drops=(("not an event of a shop", f"event_name NOT IN ({_SHOP})"),),
)
