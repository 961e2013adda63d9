"""A start that reads what an earlier one wrote down."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from splitshelf.collect.stores.opening import open_store
from splitshelf.core.products import Product
from splitshelf.core.protocols import Store
from splitshelf.serve import freshness
from splitshelf.serve.arrivals import Arrivals
from splitshelf.serve.freshness import Assortment, Freshness
from splitshelf.serve.notes import written_down
from splitshelf.serve.rule import Mask, Where
from splitshelf.serve.stocktaking import FOLDER, Bodies

KNOWN = [f"p{number}" for number in range(6)]


@dataclass
class Counting:
    """A store that counts the products it is asked for."""

    store: Store
    read: int = 0

    def __getattr__(self, name):
        """All else, straight from the store."""
        return getattr(self.store, name)

    def catalogue_changes(self, since):
        """What the store says."""
        changes = self.store.catalogue_changes(since)
        self.read += len(changes.products)
        return changes


def product(number, **also):
    """The product of a number."""
    return Product(
        id=f"p{number}",
        title=f"Thing {number}",
        brand=f"b{number % 2}",
        group=f"g{number // 2}",
        stock=number,
        **also,
    )


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A catalogue of eight products, two of them newer than the artefact."""
    monkeypatch.setattr(freshness, "WORTH", 8)
    store = open_store("sqlite:///shop.db", tmp_path)
    store.put_products([product(number) for number in range(8)])
    yield Counting(store)
    store.close()


def started(store, tmp_path: Path, known=KNOWN) -> Assortment:
    """The assortment of a start, once all is written down."""
    store.read = 0
    found = Freshness(store, known, folder=tmp_path).assortment
    written_down()
    return found


def same(one: Assortment, other: Assortment) -> bool:
    """Whether two assortments say the same of every product, codes of kinds apart."""
    assert list(one.ids) == list(other.ids)
    assert [one.codes[name] for name in one.ids] == [other.codes[name] for name in other.ids]
    listed = [code for code in range(len(one.ids)) if one.products[code] is not None]
    for mine, theirs in zip(one.kinds[:, listed], other.kinds[:, listed], strict=True):
        pairs = set(zip(mine.tolist(), theirs.tolist(), strict=True))
        assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})
    return (
        np.array_equal(one.sellable, other.sellable)
        and np.array_equal(one.keys, other.keys)
        and np.array_equal(one.published, other.published)
        and np.array_equal(one.names.hashes, other.names.hashes)
        and all(one.products[code] == other.products[code] for code in range(len(one.ids)))
        and all(one.siblings(code) & {*listed} == other.siblings(code) for code in listed)
    )


def test_the_second_start_reads_no_product_and_knows_the_same(store, tmp_path):
    """The first reads all eight and writes them down, the second none."""
    first = started(store, tmp_path)
    assert store.read == 8
    second = started(store, tmp_path)
    assert store.read == 0
    assert same(first, second)
    assert second.siblings(2) == {3}


def test_what_changed_while_nothing_ran_is_read(store, tmp_path):
    """A price, a sold-out, a deleted, a regrouped and a new product: as a start without notes."""
    started(store, tmp_path)
    store.put_products([replace(product(1), stock=0), replace(product(3), group="g0")])
    store.put_products([product(8), replace(product(9), brand="new")])
    store.delete_products(["p4"])
    warm = started(store, tmp_path)
    assert store.read == 4
    cold = Freshness(store, KNOWN).assortment
    assert same(warm, cold)
    assert warm.siblings(0) == {1, 3}
    assert warm.products[4] is None


def test_masks_and_arrivals_cover_what_was_written_down(store, tmp_path):
    """Rules and new arrivals see products that no change told them of."""
    instant = datetime(2026, 3, 2, tzinfo=UTC)
    store.put_products([product(5, published=instant)])
    started(store, tmp_path)
    warm = started(store, tmp_path)
    holds = Mask(Where(brand="b1"), warm).now()
    assert holds.tolist() == [False, True] * 4
    now = int(instant.timestamp() * 1_000_000) + 1
    assert Arrivals(warm).newest(5, now)[0].tolist() == [5]


def test_another_stores_notes_are_not_read(store, tmp_path):
    """Versions of catalogues mean nothing in another store, nor does another artefact's order."""
    started(store, tmp_path)
    started(store, tmp_path, known=KNOWN[:3])
    assert store.read == 8
    elsewhere = tmp_path / "other"
    elsewhere.mkdir()
    other = open_store("sqlite:///other.db", elsewhere)
    try:
        other.put_products([product(number) for number in range(3)])
        found = started(Counting(other), tmp_path)
        assert [found.products[code] is None for code in range(6)] == [False] * 3 + [True] * 3
    finally:
        other.close()


@pytest.mark.parametrize("name", ["about.json", "bodies.npy", "kinds.npy"])
def test_damaged_notes_cost_a_reading(store, tmp_path, name):
    """A file that is cut short, or is none, is as good as no notes."""
    started(store, tmp_path)
    (tmp_path / FOLDER / name).write_bytes(b"{")
    found = started(store, tmp_path)
    assert store.read == 8
    assert same(found, Freshness(store, KNOWN).assortment)


def test_bodies_that_nobody_wrote_down_are_none():
    """A product that the shop never described has no body."""
    assert Bodies()[3] is None
