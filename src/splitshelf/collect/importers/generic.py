"""Any table or JSON lines: columns are found by their names, or by the mapping that is given."""

from collections.abc import Iterable, Mapping
from typing import Any

from splitshelf.collect.importers.contract import Mapped, RecordImporter, TableImporter
from splitshelf.collect.importers.source import Source, literal, quoted
from splitshelf.collect.vocabulary import (
    EVENT_NAMES,
    FIELD_NAMES,
    PRODUCT_FIELD_NAMES,
    find_columns,
    spelling,
)
from splitshelf.core.errors import InputError

_NAIVE = r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?"
_DAY = r"\d{4}-\d\d-\d\d"


def moment(sql: str) -> str:
    """SQL that writes a naive moment as UTC and leaves everything else to the door."""
    text = f"({sql})::VARCHAR"
    return (
        f"CASE WHEN regexp_full_match({text}, '{_NAIVE}') THEN {text} || 'Z'"
        f" WHEN regexp_full_match({text}, '{_DAY}') THEN {text} || 'T00:00:00Z'"
        f" WHEN {text} LIKE '%+00' THEN left({text}, -3) || 'Z' ELSE {text} END"
    )


def identifier(sql: str) -> str:
    """SQL that writes an id as text: 17850.0 of a column of floats is 17850; empty is none."""
    return f"nullif(regexp_replace(trim(({sql})::VARCHAR), '^(\\d+)\\.0$', '\\1'), '')"


def whole(sql: str) -> str:
    """SQL for a whole number without its sign; what is none is left to the door."""
    return f"coalesce(abs(try_cast({sql} AS BIGINT))::VARCHAR, ({sql})::VARCHAR)"


def event_types(sql: str) -> str:
    """SQL that writes other systems' event names as ours and leaves unknown ones to the door."""
    spelled = f"regexp_replace(lower(trim(({sql})::VARCHAR)), '[\\s\\-./]+', '_', 'g')"
    names = "".join(f" WHEN {literal(k)} THEN {literal(v)}" for k, v in EVENT_NAMES.items())
    return f"CASE {spelled}{names} ELSE ({sql})::VARCHAR END"


def columns_of(source: Source, mapped: Mapped, table: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Our field -> column: what the caller mapped, then what the names tell."""
    known = {spelling(column): column for column in source.columns}
    chosen: dict[str, str] = {}
    for field, column in mapped.items():
        if field not in table:
            raise InputError(f"--map {field}={column}: no field is called '{field}'.")
        if spelling(column) in known:
            chosen[field] = known[spelling(column)]
        elif not (field == "type" and spelling(column) in EVENT_NAMES):
            columns = ", ".join(source.columns)
            raise InputError(f"{source.name}: has no column '{column}'. It has: {columns}.")
    free = [column for column in source.columns if column not in chosen.values()]
    rest = {name: others for name, others in table.items() if name not in mapped}
    return {**find_columns(free, rest), **chosen}


def event_fields(source: Source, mapped: Mapped) -> dict[str, str]:
    """SQL for each field of an event; what is left over goes to the context."""
    columns = columns_of(source, mapped, FIELD_NAMES)
    for needed in ("shopper", "product"):
        if needed not in columns:
            raise InputError(
                f"{source.name}: has no column for {needed}; say which one: --map {needed}=COLUMN."
                f" It has: {', '.join(source.columns)}."
            )
    fields = {field: _value(field, quoted(column)) for field, column in columns.items()}
    fields["type"] = _type(columns, mapped)
    if "quantity" in fields:
        fields["quantity"] = f"coalesce({fields['quantity']}, '1')"
    others = [column for column in source.columns if column not in columns.values()]
    if others:
        pairs = ", ".join(f"{literal(spelling(o))}: {quoted(o)}" for o in others)
        fields["context"] = f"json_merge_patch('{{}}', to_json({{{pairs}}}))"  # drops the nulls
    return fields


def _value(field: str, column: str) -> str:
    if field == "at":
        return moment(column)
    if field in {"quantity", "price", "dwell", "value"}:
        return f"nullif(trim({column}::VARCHAR), '')"
    return identifier(column)


def _type(columns: Mapping[str, str], mapped: Mapped) -> str:
    if "type" in columns:
        return event_types(quoted(columns["type"]))
    if "type" in mapped:
        return literal(EVENT_NAMES[spelling(mapped["type"])])
    if "value" in columns:
        return literal("rating")
    bought = {"order", "quantity", "price"} & set(columns)
    return literal("purchase" if bought else "view")


def product_fields(source: Source, mapped: Mapped) -> dict[str, str]:
    """SQL for each field of a product; what is left over becomes attributes at the door."""
    columns = columns_of(source, mapped, PRODUCT_FIELD_NAMES)
    fields = {field: f"{quoted(column)}::VARCHAR" for field, column in columns.items()}
    fields["id"] = identifier(quoted(columns["id"]))
    others = [column for column in source.columns if column not in columns.values()]
    return {**fields, **{spelling(o): f"{quoted(o)}::VARCHAR" for o in others}}


class ProductTable(TableImporter):
    """A table with ids and titles and nobody in it."""

    def knows(self, source: Source) -> bool:
        """Whether products are named, and no shopper is."""
        found = find_columns(source.columns, PRODUCT_FIELD_NAMES)
        return {"id", "title"} <= set(found) and not {"shopper", "order"} & set(
            find_columns(source.columns, FIELD_NAMES)
        )


def _record(record: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    yield record


def _is_event(record: Mapping[str, Any]) -> bool:
    found = find_columns(record, FIELD_NAMES)
    return "shopper" in found and not _is_product(record)


def _is_product(record: Mapping[str, Any]) -> bool:
    found = find_columns(record, PRODUCT_FIELD_NAMES)
    others = find_columns(record, FIELD_NAMES)
    return {"id", "title"} <= set(found) and not {"shopper", "type"} & set(others)


class EventTable(TableImporter):
    """A table that says who and what."""

    def knows(self, source: Source) -> bool:
        """Whether a shopper and a product are named."""
        return {"shopper", "product"} <= set(find_columns(source.columns, FIELD_NAMES))


TABLE = EventTable("a table of events", (), event_fields)
PRODUCTS = ProductTable("a table of products", (), product_fields, kind="products")
RECORDS = RecordImporter("JSON events", _is_event, _record)
PRODUCT_RECORDS = RecordImporter("JSON products", _is_product, _record, kind="products")
