"""The assortment as it is now: what the shop sells, in the codes of the artefact.

A request asks the store for the catalogue's version, which costs microseconds, and reads only what
changed since the last one. So a price, a stock count or a hidden product counts in the very next
answer of any process.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from splitshelf.core.arrays import Bools, Ints, Longs
from splitshelf.core.clock import microseconds
from splitshelf.core.errors import Unavailable
from splitshelf.core.products import Product
from splitshelf.core.protocols import Catalogue, Documents
from splitshelf.learn.ids import Ids
from splitshelf.serve import notes, stocktaking
from splitshelf.serve.exploration import Keys, key_of
from splitshelf.serve.names import Names, longer, names_of
from splitshelf.serve.roster import Codes, Roster
from splitshelf.serve.stocktaking import About, Bodies, StockTake

_JOURNAL = 100_000
"""Changes kept beyond two a product before the journal starts anew."""
NEVER = np.iinfo(np.int64).min
"""When a product was published that has no date."""
WORTH = 20_000
"""Products read at once that are worth writing down for the next start."""

KINDS: dict[str, Callable[[Product], str | None]] = {
    "group": lambda product: product.group,
    "brand": lambda product: product.brand,
    "category": lambda product: " > ".join(product.category),
    "seller": lambda product: product.attributes.get("seller"),
}
"""What a cap can count by: the first row is always capped at one."""


class Assortment:
    """Every product of the artefact, in its order, then those that the shop added since.

    Changes are written in place, one writer at a time; a reader may see a change half a
    microsecond early, never a product that was not there. Arrays are replaced when they grow.
    """

    known: int
    """How many codes the models understand: those below it."""
    products: Bodies
    """What the shop says of each, by code; None where it no longer lists it."""
    sellable: Bools
    kinds: Ints
    """int32 [KINDS, products]: products of one group, brand, ... share a code; -1 has none.

    Those of one product lie side by side in memory, for they are asked for together.
    """
    keys: Keys
    """uint64: under which each product draws its noise."""
    names: Names
    """By the hash of a product's id: its code."""
    popularity: Ints
    """int32: its place among the known products, 0 the most popular; new ones come last."""
    published: Longs
    """int64: microseconds UTC; NEVER where the shop does not say."""
    fallback: Sequence[str]
    """The shop's own list of what to show where nothing is popular."""
    journal: list[int]
    """The codes that changed since the start, in that order: what masks of rules follow."""

    def __init__(
        self, known: Sequence[str], fallback: Sequence[str] = (), taken: StockTake | None = None
    ) -> None:
        """`known` are the products of the artefact; `taken` is what an earlier start wrote down."""
        self.fallback = fallback
        self.known = len(known)
        self.ids = Roster(known if taken is None else taken.ids)
        self.codes = Codes(self.ids)
        self.popularity = np.full(len(self.ids), self.known, dtype=np.int32)
        self.journal = []
        self._later: dict[str, int] = {}
        """The codes of the names of kinds that were not written down."""
        self._groups: dict[int, set[int]] = {}
        """By the code of a group: the variants that changed since the start."""
        columns = _blank(known) if taken is None else taken.columns
        self.sellable, self.kinds = columns["sellable"], columns["kinds"]
        self.keys, self.published = columns["keys"], columns["published"]
        self.names = Names(columns["slots"], columns["hashes"])
        self._by_group, self._group = columns["by_group"], columns["group"]
        self._names = Ids.of(()) if taken is None else taken.names
        self.products = Bodies() if taken is None else taken.bodies

    def put(self, products: Iterable[Product]) -> None:
        """Write products as they are now."""
        products = list(products)
        if len(self.journal) > 2 * len(self.ids) + _JOURNAL:
            self.journal = list(range(len(self.ids)))
        self._grow([product.id for product in products if product.id not in self.codes])
        codes = [self.codes[product.id] for product in products]
        for row, kind in enumerate(KINDS.values()):
            self.kinds[row, codes] = [self._code(row, kind(product)) for product in products]
        for code, group, product in zip(codes, self.kinds[0, codes], products, strict=True):
            self.products[code] = product
            if group >= 0:
                self._groups.setdefault(int(group), set()).add(code)
        self.published[codes] = [_published(product) for product in products]
        self.sellable[codes] = [product.sellable for product in products]
        self.journal.extend(codes)

    def remove(self, ids: Iterable[str]) -> None:
        """Take products off every shelf."""
        for product in ids:
            if (code := self.codes.get(product)) is not None:
                self.sellable[code] = False
                self.products[code] = None
                self.journal.append(code)

    def title(self, code: int) -> str:
        """What a shopper calls the product; its id where the shop gave no title."""
        product = self.products[code]
        return product.title if product is not None and product.title else self.ids[code]

    def siblings(self, code: int) -> set[int]:
        """The other variants of a product: those of its group."""
        group = int(self.kinds[0, code])
        if group < 0:
            return set()
        first, last = np.searchsorted(self._group, (group, group + 1))
        others = self._groups.get(group, set()).union(self._by_group[first:last].tolist())
        return {other for other in others if self.kinds[0, other] == group} - {code}

    def columns(self) -> dict[str, NDArray[Any]]:
        """Copies of all that a stock-take keeps, but for bodies and names."""
        by_group = np.argsort(self.kinds[0], kind="stable").astype(np.int32)
        return {
            "sellable": self.sellable.copy(),
            "kinds": self.kinds.copy(order="F"),
            "keys": self.keys.copy(),
            "published": self.published.copy(),
            "slots": self.names.slots.copy(),
            "hashes": self.names.hashes.copy(),
            "by_group": by_group,
            "group": self.kinds[0][by_group],
        }

    def kind_names(self) -> list[str]:
        """The names of kinds, each behind its row, in the order of their codes."""
        return [*self._names, *self._later]

    def _code(self, row: int, name: str | None) -> int:
        if not name:
            return -1
        name = f"{row} {name}"
        code = self._names.find(name) if len(self._names) else -1
        return (
            self._later.setdefault(name, len(self._names) + len(self._later)) if code < 0 else code
        )

    def _grow(self, ids: list[str]) -> None:
        if not ids:
            return
        count = len(ids)
        blank = np.full((count, len(KINDS)), -1, dtype=np.int32)
        keys = np.fromiter(map(key_of, ids), dtype=np.uint64, count=count)
        self.sellable = np.concatenate((self.sellable, np.zeros(count, dtype=np.bool_)))
        self.kinds = np.concatenate((self.kinds.T, blank)).T
        self.keys = np.concatenate((self.keys, keys))
        last = np.full(count, self.known, dtype=np.int32)
        self.popularity = np.concatenate((self.popularity, last))
        never = np.full(count, NEVER, dtype=np.int64)
        self.published = np.concatenate((self.published, never))
        self.names = longer(self.names, ids)
        for product in ids:
            self.codes[product] = self.ids.append(product)


def _blank(ids: Sequence[str]) -> Mapping[str, NDArray[Any]]:
    """The columns of products of which the shop has said nothing yet."""
    count = len(ids)
    names = names_of(ids)
    return {
        "sellable": np.zeros(count, dtype=np.bool_),
        "kinds": np.full((count, len(KINDS)), -1, dtype=np.int32).T,
        "keys": np.fromiter(map(key_of, ids), dtype=np.uint64, count=count),
        "published": np.full(count, NEVER, dtype=np.int64),
        "slots": names.slots,
        "hashes": names.hashes,
        "by_group": np.empty(0, dtype=np.int32),
        "group": np.empty(0, dtype=np.int32),
    }


def _published(product: Product) -> int:
    return NEVER if product.published is None else microseconds(product.published)


class Shelved(Catalogue, Documents, Protocol):
    """A store, as far as a start reads it."""


class Freshness:
    """Keeps an assortment at the version of the store's catalogue."""

    def __init__(
        self,
        store: Shelved,
        known: Sequence[str],
        fallback: Sequence[str] = (),
        folder: Path | None = None,
    ) -> None:
        """`known` are the products of the artefact in `folder`, where the assortment is kept."""
        taken = None if folder is None else _fitting(store, folder, len(known))
        self.assortment = Assortment(known, fallback, taken)
        self._catalogue = store
        self._version = 0 if taken is None else taken.about.version
        self._lock = Lock()
        if self._read() >= WORTH and folder is not None:
            self._write_down(store, folder)

    def catch_up(self) -> Assortment:
        """The assortment at the catalogue's version; as last read where the store is silent."""
        with suppress(Unavailable):
            self.follow(self._catalogue.catalogue_version())
        return self.assortment

    def follow(self, version: int) -> Assortment:
        """The assortment at a version that the catalogue had a moment ago, or at a newer one."""
        if version != self._version:
            with suppress(Unavailable):
                self._read()
        return self.assortment

    def _read(self) -> int:
        """How many products changed, and do now count."""
        with self._lock:
            changes = self._catalogue.catalogue_changes(self._version)
            self.assortment.put(changes.products)
            self.assortment.remove(changes.deleted)
            self._version = changes.version
            return len(changes.products)

    def _write_down(self, store: Shelved, folder: Path) -> None:
        """Keep the assortment for the next start, beside the answers of this one."""
        assortment = self.assortment
        with suppress(Unavailable):
            about = About(
                stamp=stocktaking.stamp_of(store),
                version=self._version,
                kinds=tuple(KINDS),
                known=assortment.known,
            )
            columns, names = assortment.columns(), Ids.of(assortment.kind_names())
            products = [assortment.products[code] for code in range(len(assortment.ids))]
            what = (folder, about, list(assortment.ids), columns, names, products)
            notes.beside(stocktaking.write, *what)


def _fitting(store: Shelved, folder: Path, known: int) -> StockTake | None:
    """What was written down of this store's catalogue; None where nothing was."""
    taken = stocktaking.read(folder, tuple(KINDS), known)
    if taken is None:
        return None
    with suppress(Unavailable):
        same = taken.about.stamp == stocktaking.stamp_of(store)
        if same and taken.about.version <= store.catalogue_version():
            return taken
    return None
