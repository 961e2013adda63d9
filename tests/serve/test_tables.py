"""Tables side by side say what each says alone, from memory or from what was written down."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from splitshelf.learn.neighbours import NeighbourModel, Neighbours
from splitshelf.serve import tables as module
from splitshelf.serve.heaps import floor_of
from splitshelf.serve.notes import written_down
from splitshelf.serve.roster import Codes, Roster
from splitshelf.serve.strips import Strips, strips_of
from splitshelf.serve.tables import Rows, Tables

N = 12


def table(rng, sources, *, counted):
    """A table of rows of no certain order, some of them empty."""
    rows = [rng.permutation(N)[: rng.integers(0, 6)] for _ in range(sources)]
    products = np.concatenate([np.empty(0, dtype=np.int64), *rows]).astype(np.int32)
    return Neighbours(
        np.concatenate(([0], np.cumsum([len(row) for row in rows]))).astype(np.int64),
        products,
        rng.normal(size=len(products)).astype(np.float32),
        rng.integers(1, 99, len(products) if counted else 0).astype(np.int32),
    )


def said(strips: Strips, source: int, count: int):
    """What a strip says: by table and neighbour, the weight and the shoppers; and the peaks."""
    head, stop = strips.starts[source], strips.starts[source + 1]
    if head == stop:
        return [{}] * count, [0.0] * count
    reach = strips.cells[head : head + count]
    union = reach.max()
    codes = strips.cells[head + 2 * count :][:union].tolist()
    assert len(set(codes)) == union
    at, found = head + 2 * count + union, []
    for size in reach:
        found.append({c: [w] for c, w in zip(codes, strips.weights[at : at + size], strict=False)})
        at += size
    for t, size in enumerate(reach):
        if strips.counted[t]:
            for code, crowd in zip(codes, strips.cells[at : at + size], strict=False):
                found[t][code].append(crowd)
            at += size
    assert at == stop
    return found, strips.weights[head + count : head + 2 * count].tolist()


@given(st.integers(0, 2**32), st.integers(0, 4), st.data())
def test_a_strip_says_what_its_rows_say(seed, count, data):
    """Every weight, every crowd and every peak, whatever the tables; nothing for the others."""
    rng = np.random.default_rng(seed)
    counted = [data.draw(st.booleans()) for _ in range(count)]
    tables = [table(rng, rng.integers(0, N), counted=one) for one in counted]
    strips = strips_of(tables, rng.random(count).round(1), N)
    for source in range(len(strips.starts) - 1):
        found, peaks = said(strips, source, count)
        for rows, mine, peak in zip(tables, found, peaks, strict=True):
            there = source < len(rows.offsets) - 1
            row = slice(*rows.offsets[source : source + 2]) if there else slice(0, 0)
            weights = dict(zip(rows.products[row].tolist(), rows.weights[row], strict=True))
            assert {code: one[0] for code, one in mine.items() if one[0]} == weights
            assert peak == max(weights.values(), default=0.0)
            if len(rows.supporters):
                crowds = zip(rows.products[row].tolist(), rows.supporters[row], strict=True)
                assert {code: one[1] for code, one in mine.items() if one[0]} == dict(crowds)


def test_what_fades_last_is_read_first():
    """The neighbours of the slowest table come first, so that an old event reads no others."""
    rows = [Neighbours(np.array([0, 2]), np.array(codes, dtype=np.int32), np.ones(2, np.float32),
                       np.empty(0, dtype=np.int32)) for codes in ([5, 6], [6, 7])]  # fmt: skip
    strips = strips_of(rows, [0.5, 0.9], N)
    assert strips.cells[:2].tolist() == [3, 2]
    assert strips.cells[4:7].tolist() == [6, 7, 5]


def test_written_down_tables_are_mapped_and_drawn_near(tmp_path, monkeypatch):
    """The second start builds nothing; other tables, or damaged files, are built anew."""
    monkeypatch.setattr(module, "WORTH", 1)
    rows = [Rows(NeighbourModel("a", table(np.random.default_rng(0), 9, counted=True), 0.5, {}), 1)]
    first = Tables(rows, N, tmp_path).strips
    written_down()
    monkeypatch.setattr(module, "strips_of", lambda *_: pytest.fail("built again"))
    told: list[Strips] = []
    Tables(rows, N, tmp_path).follow(told.append)
    assert [np.array_equal(one.cells, first.cells) for one in told] == [True] * len(told)
    monkeypatch.setattr(module, "strips_of", strips_of)
    slower = [Rows(NeighbourModel("a", rows[0].model.neighbours, 0.6, {}), 1)]
    assert np.array_equal(Tables(slower, N, tmp_path).strips.cells, first.cells)
    written_down()
    (tmp_path / "strips" / "cells.npy").write_bytes(b"damaged")
    assert np.array_equal(Tables(slower, N, tmp_path).strips.cells, first.cells)


@given(st.lists(st.integers(-3, 5).map(float), min_size=1), st.integers(1, 20))
def test_the_floor_is_what_sorting_finds(values, count):
    """The value of the place from the top, of ever so many equal ones too."""
    expected = sorted(values, reverse=True)[count - 1] if count < len(values) else -np.inf
    assert floor_of(np.array(values), count) == expected


def test_a_roster_knows_old_and_new_ids():
    """Ids by code and codes by id, those that were added too; nothing else."""
    roster = Roster(["a", "b"])
    codes = Codes(roster)
    codes["c"] = roster.append("c")
    assert [roster[0], roster[2], len(roster), list(roster)] == ["a", "c", 3, ["a", "b", "c"]]
    assert [codes["b"], codes["c"], codes.get("d"), codes.get("d", 7)] == [1, 2, None, 7]
    assert ["a" in codes, "c" in codes, "d" in codes] == [True, True, False]
    with pytest.raises(KeyError):
        codes["d"]
    with pytest.raises(IndexError):
        roster[3]
