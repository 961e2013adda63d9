import csv
import io
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from splitshelf.collect.importers import IMPORTERS
from splitshelf.collect.importers.contract import Line, RecordImporter, TableImporter
from splitshelf.collect.importers.feed_xml import items
from splitshelf.collect.importers.source import look, records
from splitshelf.collect.validation import events_of, product_of
from splitshelf.core.errors import InputError

GOLDEN = Path(__file__).parent / "golden"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
RECORDS = [name for name, it in IMPORTERS.items() if isinstance(it, RecordImporter)]
TABLES = [name for name, it in IMPORTERS.items() if isinstance(it, TableImporter)]

JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=6),
        st.sampled_from(["", "0", "-1", "NaN", "1e999", "2026-05-01T10:00:00Z", "purchase", "(x"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
CELLS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=8),
    st.sampled_from(["", "-1", "0", "1e999", "NaN", "2026-05-01", "10/05/26", "1433221332117",
                     "99999999999999999999", "true", "C1", "85123A", "'", '"', "{", "%s"]),
)  # fmt: skip


def golden(name):
    """The golden file of a format."""
    return next(path for path in sorted(GOLDEN.iterdir()) if path.stem == name)


def judge(importer, line: Line):
    """What the door makes of a line: events, a product, or a refusal; nothing else may happen."""
    if line.raw is None:
        assert line.dropped or line.broken
        return
    raw = msgspec.json.decode(line.raw) if isinstance(line.raw, str) else line.raw
    refusal = "here: "
    try:
        if importer.kind == "products":
            product_of(raw, "here")
        else:
            events_of(raw, "here", NOW)
    except InputError as error:
        refusal = str(error)
    assert refusal.startswith("here: ")


def places(value, path=()):
    """Every place inside a JSON document."""
    yield path
    if isinstance(value, dict | list):
        children = value.items() if isinstance(value, dict) else enumerate(value)
        for key, child in children:
            yield from places(child, (*path, key))


def put(value, path, new):
    """The document with another value at one place."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = put(value[path[0]], path[1:], new)
    return copy


@pytest.mark.parametrize("name", RECORDS)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_broken_record_is_refused_in_a_sentence(name, data):
    """Any value at any place of a good record: events, left out or refused, never a crash."""
    importer = IMPORTERS[name]
    good = [record for _, record in records(golden(name))]
    record = data.draw(st.sampled_from(good))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(list(places(record))))
        record = put(record, path, data.draw(JSON))
    for line in importer._lines(7, record, {}):
        judge(importer, line)


@pytest.mark.parametrize("name", TABLES)
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_broken_table_is_refused_row_by_row(name, data, tmp_path):
    """Any text in any cell: each row is judged by itself, and no row spoils the file."""
    importer, path = IMPORTERS[name], golden(name)
    mark = "\t" if path.suffix == ".tsv" else ","
    header, *_ = csv.reader(io.StringIO(path.read_text()), delimiter=mark)
    rows = data.draw(
        st.lists(st.lists(CELLS, min_size=len(header), max_size=len(header)), max_size=6)
    )
    target = tmp_path / path.name
    with target.open("w", newline="") as file:
        csv.writer(file, delimiter=mark, lineterminator="\n").writerows([header, *rows])
    connection = duckdb.connect()
    source = look(target, connection)
    lines = [line for chunk in importer.read(source, {}, connection) for line in chunk]
    connection.close()
    for line in lines:
        judge(importer, line)


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=60), st.integers(0, 900))
def test_a_broken_feed_gives_items_or_a_sentence(tmp_path, noise, at):
    """Bytes thrown into an XML feed."""
    whole = golden("merchant_feed_xml").read_bytes()
    target = tmp_path / "feed.xml"
    target.write_bytes(whole[:at] + noise + whole[at:])
    with suppress(InputError):
        assert all(isinstance(item, dict) for _, item in items(target))


def test_a_feed_with_a_document_type_is_refused(tmp_path):
    """Entities are how XML reads other files: none are taken."""
    target = tmp_path / "feed.xml"
    target.write_text('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><item>&x;</item>')
    with pytest.raises(InputError, match="declares a document type"):
        list(items(target))


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=80))
def test_bytes_that_are_no_json_lines_are_told_line_by_line(tmp_path, noise):
    """A line is a record or an error; a broken file does not stop the reading."""
    target = tmp_path / "x.jsonl"
    target.write_bytes(noise)
    for number, _ in records(target):
        assert number >= 1
