"""Sealed parts of the log: faster to read, and never the truth."""

from dataclasses import fields
from decimal import Decimal

import duckdb
import numpy as np
import pytest

from splitshelf.collect.stores import scanning
from splitshelf.core.columns import EventColumns
from store_samples import at, purchase, view


@pytest.fixture
def small(monkeypatch):
    """Segments of ten events."""
    monkeypatch.setattr(scanning, "SEGMENT", 10)


@pytest.fixture
def filled(store, small):
    """A store of 47 events in batches of three, out of order in time, with names that recur."""
    events = [view((n * 7) % 46, f"s{n % 5}", f"p{n % 9}", session=f"v{n % 11}") for n in range(46)]
    events.append(purchase())
    for start in range(0, 47, 3):
        store.append(events[start : start + 3])
    return store


def same(one: EventColumns, two: EventColumns) -> None:
    """Both hold the same events; numbers of sessions and orders may differ, not what they join."""
    for field in fields(one):
        left, right = getattr(one, field.name), getattr(two, field.name)
        if field.name in {"session", "order"}:
            pairs = set(zip(left.tolist(), right.tolist(), strict=True))
            assert len(pairs) == len(set(left.tolist())) == len(set(right.tolist()))
        elif isinstance(left, np.ndarray):
            np.testing.assert_array_equal(left, right, err_msg=field.name)
            assert left.dtype == right.dtype
        else:
            assert list(left) == list(right), field.name


def test_sealing_changes_nothing_but_the_speed(filled, tmp_path):
    """The same columns before and after, for the whole log and for windows of it."""
    windows = [(None, None), (at(10), None), (None, at(20)), (at(12), at(13)), (at(90), None)]
    before = [filled.scan(since or at(-1), until) for since, until in windows]
    assert filled.seal() == 4
    assert filled.seal() == 0
    assert len(list(tmp_path.glob("*.segments/*.parquet"))) == 4
    for (since, until), expected in zip(windows, before, strict=True):
        same(filled.scan(since, until), expected)


def test_what_comes_after_sealing_joins_the_old_names(filled):
    """A shopper of a sealed segment and of a new event has one code."""
    filled.seal()
    filled.append([view(100, "s1", "p-new"), view(101, "new", "p1")])
    columns = filled.scan()
    assert len(columns) == 49
    names = [columns.shoppers[code] for code in columns.shopper[-2:]]
    assert names == ["s1", "new"]
    assert list(columns.shoppers) == sorted({"Zoë", "new", *(f"s{n}" for n in range(5))})


def test_a_damaged_segment_is_made_again(filled, tmp_path):
    """The log is the truth: nothing is lost with a segment."""
    expected = filled.scan()
    files = sorted(tmp_path.glob("*.segments/*.parquet"))
    assert len(files) == 4
    files[1].with_suffix(".columns").write_bytes(b"no columns")
    same(filled.scan(at(-1)), expected)
    same(filled.scan(), expected)
    files[3].with_suffix(".dictionary").write_bytes(b"no names")
    same(filled.scan(at(-1)), expected)
    same(filled.scan(), expected)
    files[0].with_suffix(".columns").unlink()
    same(filled.scan(), expected)
    same(filled.scan(), expected)
    assert len(list(tmp_path.glob("*.segments/*.parquet"))) == 4


def test_names_that_were_not_put_down_are_read_from_their_segments(filled, tmp_path):
    """A process that stops between a segment and the dictionary costs time, and nothing else."""
    filled.seal()
    expected = filled.scan(at(-1))
    *_, newest = sorted(tmp_path.glob("*.segments/*.dictionary"))
    newest.unlink()
    same(filled.scan(at(-1)), expected)
    filled.append([view(n, f"s{n}", "p-new") for n in range(50, 62)])
    assert filled.seal() == 1
    assert len(list(tmp_path.glob("*.segments/*.dictionary"))) == 1
    assert len(filled.scan(at(-1))) == len(expected) + 12


def test_parquet_says_what_the_store_says(filled, tmp_path):
    """Other programs find the same events in the files of Parquet."""
    filled.seal()
    columns = filled.scan(at(-1))
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"SELECT p.at, shopper FROM read_parquet('{tmp_path}/*.segments/*.parquet',"
            " union_by_name = true) p"
        ).fetchall()
        names = connection.execute(
            f"SELECT name FROM read_parquet('{tmp_path}/*.segments/*.names') WHERE kind = 0"
        ).fetchall()
    shoppers = [columns.shoppers[code] for code in columns.shopper]
    told = {(moment, *names[shopper]) for moment, shopper in rows}
    assert len(rows) == 42  # the rest is not sealed
    assert told <= set(zip(columns.at.tolist(), shoppers, strict=True))


@pytest.mark.parametrize("seed", range(8))
def test_sealed_and_unsealed_say_the_same_of_any_log(store, small, seed):
    """Events out of order in time, in batches of any size, erasing and expiring between them."""
    rng = np.random.default_rng(seed)
    moments = np.arange(120) + rng.integers(-1, rng.integers(0, 40) + 1, 120)
    moments = moments.tolist()
    events = [
        view(0, f"s{s}", f"p{p}", id=f"e{number}", at=at(moments[number]), price=price)
        for number, (s, p) in enumerate(rng.integers(0, 9, (120, 2)).tolist())
        for price in [Decimal(number) if rng.random() < 0.3 else None]
    ]
    while events:
        size = int(rng.integers(1, 9))
        store.append(events[:size])
        del events[:size]
        if rng.random() < 0.1:
            store.forget(f"s{rng.integers(0, 9)}")
        if rng.random() < 0.1:
            store.expire(at(int(rng.integers(0, 60))))
        low, high = sorted(rng.integers(-5, 160, 2).tolist())
        windows = [(at(-99), None), (at(low), None), (at(low), at(high))]
        if rng.random() < 0.3:
            before = [store.scan(*window) for window in windows]
            store.seal()
            for window, expected in zip(windows, before, strict=True):
                same(store.scan(*window), expected)
            same(store.scan(), before[0])


def test_two_processes_make_the_same_segments(filled, reopen, tmp_path):
    """Whoever seals, the files are the same, so that neither disturbs the other."""
    filled.seal()
    files = {path.name: path.read_bytes() for path in tmp_path.glob("*.segments/*")}
    for path in tmp_path.glob("*.segments/*"):
        path.unlink()
    assert reopen().seal() == 4
    assert {p.name: p.read_bytes() for p in tmp_path.glob("*.segments/*")} == files


def test_circumstances_are_sealed_with_the_events(store, small):
    """What events said of device, country, page and referrer has a code; the rest has none."""
    said = [
        {"country": "DE", "device": "Phone", "page": "/p/17?x=1"},
        {"query": "mug"},
        {"country": "DE", "device": "phone", "page": "/p/18"},
    ]
    store.append([view(n, "anna", "mug", context=said[n % 3]) for n in range(12)])
    for columns in (store.scan(), (store.seal(), store.scan(at(-1)))[1]):
        assert list(columns.contexts) == ["country=DE|device=phone|page=p"]
        assert columns.context.tolist() == [0, -1, 0] * 4


def test_segments_of_an_earlier_form_are_made_again(filled, tmp_path):
    """A file that lacks a column is removed, not read as if nothing had been said."""
    filled.seal()
    old = next(tmp_path.glob("*.segments/*.parquet"))
    earlier = old.with_name(old.name.replace("_4.parquet", ".parquet"))
    old.rename(earlier)
    same(filled.scan(), filled.scan(at(-1)))
    assert not earlier.exists()
    assert old.exists()
