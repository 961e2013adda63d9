"""The assortment as it is now: what the shop sells, in the codes of the artefact.

A request asks the store for the catalogue's version, which costs microseconds, and reads only what
changed since the last one. So a price, a stock count or a hidden product counts in the very next
answer of any process.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from threading import Lock

import numpy as np

from splitshelf.core.arrays import Bools, Ints
from splitshelf.core.errors import Unavailable
from splitshelf.core.products import Product
from splitshelf.core.protocols import Catalogue
from splitshelf.serve.exploration import Keys, key_of
from splitshelf.serve.names import Names, longer, names_of

_JOURNAL = 100_000
"""Changes kept beyond two a product before the journal starts anew."""

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
    products: list[Product | None]
    """What the shop says of each; None where it no longer lists it."""
    sellable: Bools
    kinds: Ints
    """int32 [KINDS, products]: products of one group, brand, ... share a code; -1 has none."""
    keys: Keys
    """uint64: under which each product draws its noise."""
    names: Names
    """By the hash of a product's id: its code."""
    popularity: Ints
    """int32: its place among the known products, 0 the most popular; new ones come last."""
    fallback: Sequence[str]
    """The shop's own list of what to show where nothing is popular."""
    journal: list[int]
    """The codes that changed, in the order of their changes: what masks of rules follow."""

    def __init__(self, known: Sequence[str], fallback: Sequence[str] = ()) -> None:
        """`known` are the products of the artefact."""
        self.fallback = fallback
        self.known = len(known)
        self.ids: list[str] = list(known)
        self.codes: dict[str, int] = {product: code for code, product in enumerate(self.ids)}
        self.products = [None] * self.known
        self.sellable = np.zeros(self.known, dtype=np.bool_)
        self.kinds = np.full((len(KINDS), self.known), -1, dtype=np.int32)
        self.keys = np.fromiter(map(key_of, self.ids), dtype=np.uint64, count=self.known)
        self.names = names_of(self.ids)
        self.popularity = np.full(self.known, self.known, dtype=np.int32)
        self.journal = []
        self._names: dict[tuple[int, str], int] = {}
        self._groups: dict[str, set[int]] = {}

    def put(self, products: Iterable[Product]) -> None:
        """Write products as they are now."""
        products = list(products)
        if len(self.journal) > 2 * len(self.ids) + _JOURNAL:
            self.journal = list(range(len(self.ids)))
        self._grow([product.id for product in products if product.id not in self.codes])
        codes = [self.codes[product.id] for product in products]
        for code, product in zip(codes, products, strict=True):
            self.products[code] = product
            if product.group:
                self._groups.setdefault(product.group, set()).add(code)
        for row, kind in enumerate(KINDS.values()):
            self.kinds[row, codes] = [self._code(row, kind(product)) for product in products]
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
        product = self.products[code]
        if product is None or not product.group:
            return set()
        row = self.kinds[0]
        return {other for other in self._groups[product.group] if row[other] == row[code]} - {code}

    def _code(self, row: int, name: str | None) -> int:
        return self._names.setdefault((row, name), len(self._names)) if name else -1

    def _grow(self, ids: list[str]) -> None:
        if not ids:
            return
        count = len(ids)
        blank = np.full((len(KINDS), count), -1, dtype=np.int32)
        keys = np.fromiter(map(key_of, ids), dtype=np.uint64, count=count)
        self.sellable = np.concatenate((self.sellable, np.zeros(count, dtype=np.bool_)))
        self.kinds = np.concatenate((self.kinds, blank), axis=1)
        self.keys = np.concatenate((self.keys, keys))
        last = np.full(count, self.known, dtype=np.int32)
        self.popularity = np.concatenate((self.popularity, last))
        self.products.extend([None] * count)
        self.names = longer(self.names, ids)
        for product in ids:
            self.ids.append(product)
            self.codes[product] = len(self.ids) - 1


class Freshness:
    """Keeps an assortment at the version of the store's catalogue."""

    def __init__(self, catalogue: Catalogue, assortment: Assortment) -> None:
        self.assortment = assortment
        self._catalogue = catalogue
        self._version = 0
        self._lock = Lock()
        self._read()

    def catch_up(self) -> Assortment:
        """The assortment at the catalogue's version; as last read where the store is silent."""
        with suppress(Unavailable):
            if self._catalogue.catalogue_version() != self._version:
                self._read()
        return self.assortment

    def _read(self) -> None:
        with self._lock:
            changes = self._catalogue.catalogue_changes(self._version)
            self.assortment.put(changes.products)
            self.assortment.remove(changes.deleted)
            self._version = changes.version
