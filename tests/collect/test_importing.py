import gzip
import json
import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from data import datasets
from splitshelf.collect.importing import ImportOptions, run_import
from splitshelf.collect.stores.opening import open_store
from splitshelf.core.errors import InputError, UnknownName
from splitshelf.core.events import EventType

NOW = datetime(2026, 6, 1, tzinfo=UTC)
HEADER = "time,user,action,item,price\n"
GOOD = "2026-05-01 10:00:00,ann,view,mug,4.50\n2026-05-01 10:01:00,ann,purchase,mug,4.50\n"


@pytest.fixture
def store(tmp_path):
    """An empty store."""
    store = open_store("sqlite:///shop.sqlite", tmp_path)
    yield store
    store.close()


@pytest.fixture
def june(tmp_path):
    """Writes june.csv and gives its path."""

    def write(text, name="june.csv"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


def take(store, *paths, **options):
    """Import the files with these options, at a fixed time."""
    return run_import(paths, store, ImportOptions(**options), clock=lambda: NOW)


def test_a_csv_is_read_by_the_names_of_its_columns(store, june):
    """time, user, action and item are understood; what is over goes to the context."""
    report = take(store, june("ts,visitor_id,event,sku,qty,campaign\n1777629600,v,Cart,a,3,june\n"))
    event = store.history("v", 5)[0]
    assert (report.rows, report.kept, report.new) == (1, 1, 1)
    assert (event.type, event.product, event.quantity) == (EventType.ADD_TO_CART, "a", 3)
    assert event.at == datetime(2026, 5, 1, 10, tzinfo=UTC)
    assert event.context == {"campaign": "june"}


def test_the_same_file_twice_adds_nothing(store, june):
    """Ids are made from the content."""
    path = june(HEADER + GOOD)
    assert take(store, path).new == 2
    again = take(store, path)
    assert (again.kept, again.new, store.count()) == (2, 0, 2)


def test_a_longer_export_adds_only_what_is_new(store, june):
    """June after May: what overlaps counts once."""
    take(store, june(HEADER + GOOD))
    later = june(HEADER + GOOD + "2026-05-02 10:00:00,bob,view,mug,4.50\n", "later.csv")
    assert take(store, later).new == 1


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("2026-05-01,ann,bought,mug,1", "june.csv:4: type is 'bought', must be one of add_to_cart"),
        ("2026-05-01,ann,view,mug,-2", "june.csv:4: price is '-2', must be 0 or more."),
        ("soon,ann,view,mug,1", "june.csv:4: at is 'soon', must be a time like 2026-01-31T12"),
        ("2026-05-01,,view,mug,1", "june.csv:4: shopper is missing"),
        ("2026-05-01,ann,view,,1", "june.csv:4: product is missing, a view must name one."),
        ("2026-05-01,ann,view,mug,1,2,3", "june.csv:4: the row has too many columns"),
    ],
)
def test_one_bad_row_stops_the_whole_import(store, june, row, message):
    """Nothing is stored, and the sentence names file, line, value and what is allowed."""
    with pytest.raises(InputError) as error:
        take(store, june(HEADER + GOOD + row + "\n"))
    assert message in str(error.value)
    assert store.count() == 0
    assert not store.products()


def test_rejects_go_to_their_file_and_the_rest_is_imported(store, june, tmp_path):
    """With a rejects file the good rows are stored."""
    rejects = tmp_path / "rejects.txt"
    report = take(store, june(HEADER + GOOD + "2026-05-01,ann,view,mug,-2\n"), rejects=rejects)
    assert rejects.read_text() == "june.csv:4: price is '-2', must be 0 or more.\n"
    assert (report.rows, report.kept, report.rejected, store.count()) == (3, 2, 1, 2)


def test_line_numbers_hold_behind_a_line_that_is_no_row(store, june, tmp_path):
    """A row with too many columns is refused by itself, and the next one keeps its number."""
    rejects = tmp_path / "rejects.txt"
    rows = "a,b,c,d,e,f,g\n2026-05-01,ann,view,mug,-2\n"
    report = take(store, june(HEADER + GOOD + rows), rejects=rejects)
    assert [reject.line for reject in report.rejects] == [4, 5]


def test_a_dry_run_stores_nothing_and_shows_the_first_rows(store, june):
    """The report comes with the events as they would be stored."""
    report = take(store, june(HEADER + GOOD), dry_run=True)
    assert [event.type for event in report.sample] == [EventType.VIEW, EventType.PURCHASE]
    assert report.sample[0].price == Decimal("4.50")
    assert store.count() == 0


def test_columns_are_mapped_by_name_and_a_type_for_all_rows(store, june):
    """--map says which column carries what; type=purchase holds for every row."""
    path = june("d,c,a\n2026-05-01,1.0,x\n")
    mapped = {"at": "d", "shopper": "c", "product": "a", "type": "purchase"}
    take(store, path, mapped=mapped)
    assert store.history("1", 1)[0].type is EventType.PURCHASE


@pytest.mark.parametrize(
    ("mapped", "message"),
    [
        ({}, "june.csv: has no column for shopper; say which one: --map shopper=COLUMN. It has: d"),
        ({"shopper": "who"}, "june.csv: has no column 'who'. It has: d, c, a."),
        ({"buyer": "c"}, "--map buyer=c: no field is called 'buyer'."),
    ],
)
def test_a_missing_column_is_named(store, june, mapped, message):
    """The sentence says which field has no column and what columns there are."""
    with pytest.raises(InputError) as error:
        take(store, june("d,c,a\n2026-05-01,1,x\n"), mapped=mapped, format="table")
    assert message in str(error.value)


def test_what_cannot_be_read_is_refused_in_a_sentence(store, tmp_path, june):
    """A missing file, an empty folder, a strange ending, a broken parquet, an unknown format."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "x.parquet").write_bytes(b"nothing")
    for path, message in [
        (tmp_path / "none.csv", "does not exist"),
        (tmp_path / "empty", "holds no file that ends in"),
        (june("a", "x.pdf"), "x.pdf ends in '.pdf', must be one of .parquet, .csv"),
        (tmp_path / "x.parquet", "x.parquet: cannot be read"),
    ]:
        with pytest.raises(InputError, match=message):
            take(store, path)
    with pytest.raises(UnknownName, match="Did you mean 'table'"):
        take(store, june(HEADER), format="tabel")


def test_files_with_nothing_in_them(store, tmp_path, june):
    """Empty files are of no known format; a header without rows is an import of nothing."""
    for name in ("empty.csv", "empty.jsonl", "list.json"):
        with pytest.raises(InputError, match="is of no known format"):
            take(store, june("[]" if name == "list.json" else "", name))
    assert take(store, june(HEADER)).rows == 0
    (tmp_path / "broken.csv.gz").write_bytes(b"no gzip")
    (tmp_path / "broken.jsonl.gz").write_bytes(gzip.compress(b"x" * 99)[:15])
    for name in ("broken.csv.gz", "broken.jsonl.gz"):
        with pytest.raises(InputError, match=f"{name}: cannot be read"):
            take(store, tmp_path / name)


def test_a_rejects_file_that_cannot_be_written_stops_the_import(store, tmp_path, june):
    """Nothing is stored when the list of rejects has nowhere to go."""
    bad = june(HEADER + GOOD + "2026-05-01,ann,view,mug,-2\n")
    with pytest.raises(InputError, match="cannot be written"):
        take(store, bad, rejects=tmp_path / "none" / "rejects.txt")
    assert store.count() == 0


def test_text_that_is_not_utf8_is_refused_by_line(store, tmp_path):
    """A row in another encoding is named; the file is not."""
    path = tmp_path / "june.csv"
    path.write_bytes((HEADER + GOOD).encode() + "2026-05-01,ann,view,caf\xe9,1\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"june\.csv:4: the row has invalid encoding"):
        take(store, path)


def test_every_container_holds_the_same_events(store, tmp_path, june):
    """csv, tsv, gzip, parquet, JSON lines and a JSON list of the same rows add nothing new."""
    plain = june(HEADER + GOOD)
    june((HEADER + GOOD).replace(",", "\t"), "june.tsv")
    with gzip.open(tmp_path / "june.csv.gz", "wt") as file:
        file.write(HEADER + GOOD)
    target = tmp_path / "june.parquet"
    duckdb.sql(f"COPY (FROM read_csv('{plain}', all_varchar = true)) TO '{target}'")
    keys = HEADER.strip().split(",")
    rows = [dict(zip(keys, line.split(","), strict=True)) for line in GOOD.splitlines()]
    june("".join(json.dumps(row) + "\n" for row in rows), "june.jsonl")
    june(json.dumps(rows), "june.json")
    counts = [
        take(store, tmp_path / name).new
        for name in ("june.csv", "june.tsv", "june.csv.gz", "june.parquet", "june.jsonl")
    ]
    assert counts == [2, 0, 0, 0, 0]
    assert take(store, tmp_path / "june.json").new == 0


def test_repeats_are_dropped_except_within_an_order(store, june):
    """Two equal views are one; two equal lines of an order are two."""
    header = "time,user,action,item,order_id\n"
    view = "2026-05-01 10:00:00,ann,view,mug,\n"
    line = "2026-05-01 10:01:00,ann,purchase,mug,7\n"
    report = take(store, june(header + view * 2 + line * 2))
    assert (report.kept, store.count()) == (3, 3)
    assert [(d.reason, d.count, d.example) for d in report.dropped] == [
        ("the same event a second time", 1, "june.csv:3")
    ]
    assert any("1 lines repeat another line of their order" in note for note in report.notes)


def test_products_unknown_to_the_catalogue_are_added_from_the_events(store, june):
    """A shelf can show what was only ever seen in events."""
    catalogue = june("sku,title,category,price\nmug,Red mug,Home > Mugs,4.50\n", "goods.csv")
    report = take(store, june(HEADER + GOOD + GOOD.replace("mug", "cup")), catalogue)
    assert (report.catalogue, report.catalogue_from_events) == (2, 1)
    cup, mug = store.products()
    assert (mug.title, mug.category, mug.price) == ("Red mug", ("Home", "Mugs"), Decimal("4.50"))
    assert (cup.id, cup.title, cup.price) == ("cup", "cup", Decimal("4.50"))


@pytest.mark.slow
def test_online_retail_is_read_whole_and_every_row_is_accounted_for(store):
    """541,909 rows; kept are exactly the reference's 396,337 lines of 4,334 customers."""
    report = take(store, datasets("online_retail/online_retail.parquet"), dry_run=True)
    left_out = {d.reason: d.count for d in report.dropped if "(catalogue)" not in d.reason}
    assert report.rows == report.events == 541_909
    assert report.kept + sum(left_out.values()) == 541_909
    assert left_out["no customer"] == 135_080
    bought = report.types["purchase"]
    assert (bought.events, bought.shoppers, bought.products) == (396_337, 4_334, 3_659)
    assert any("9,288 lines belong to cancelled invoices" in note for note in report.notes)
    assert [found.format for found in report.files] == ["online_retail", "online_retail_products"]


def test_an_import_links_devices_to_the_shoppers_who_used_them(store):
    """Segment's anonymousId beside a userId; the same file again links nothing twice."""
    golden = Path(__file__).parent / "importers" / "golden" / "segment.jsonl"
    report = take(store, golden, rejects=Path(os.devnull))
    changes = store.people_changes(0)
    assert report.linked == 1
    assert {member.id for member in changes.linked} == {"a1", "u1"}
    assert {member.unit for member in changes.linked} == {"u1"}
    assert take(store, golden, rejects=Path(os.devnull)).linked == 0
    assert store.people_changes(0).version == changes.version
