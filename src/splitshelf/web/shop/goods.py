"""What the shop sells, as its pages need it: by department, by family, by word."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from splitshelf.core.products import Product
from splitshelf.core.protocols import Store

OTHER = "Everything"
"""The department of products without a category."""


@dataclass(frozen=True, slots=True)
class Goods:
    """One version of the catalogue."""

    version: int
    by_id: Mapping[str, Product]
    departments: Mapping[str, Sequence[Product]]
    families: Mapping[str, Mapping[str, Sequence[Product]]]
    """department -> family -> products."""
    texts: Mapping[str, str]
    """product -> what a search looks in, lower case."""

    @property
    def menu(self) -> list[str]:
        """The departments with the most products, at most a dozen, by name."""
        largest = sorted(self.departments, key=lambda name: -len(self.departments[name]))[:12]
        return sorted(largest)

    def find(self, words: str, limit: int = 60) -> list[Product]:
        """Products that hold every word; those whose title begins with one come first."""
        wanted = words.lower().split()
        if not wanted:
            return []
        found = [
            product
            for product in self.by_id.values()
            if all(word in self.texts[product.id] for word in wanted)
        ]
        found.sort(key=lambda product: (not product.title.lower().startswith(wanted[0]),))
        return found[:limit]


def read_goods(store: Store) -> Goods:
    """The catalogue as it is now."""
    version = store.catalogue_version()
    products = [product for product in store.products() if product.title]
    departments: dict[str, list[Product]] = defaultdict(list)
    families: dict[str, dict[str, list[Product]]] = defaultdict(lambda: defaultdict(list))
    for product in products:
        path = (*product.category, OTHER)
        departments[path[0]].append(product)
        if len(product.category) > 1:
            families[path[0]][path[1]].append(product)
    return Goods(
        version=version,
        by_id={product.id: product for product in products},
        departments=departments,
        families=families,
        texts={product.id: _text(product) for product in products},
    )


def _text(product: Product) -> str:
    words = (product.title, product.brand or "", *product.category, *product.attributes.values())
    return " ".join(words).lower()


class Shelfkeeper:
    """Keeps the goods at the version of the store's catalogue."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._goods = read_goods(store)

    def goods(self) -> Goods:
        """The goods of now; read again only when the catalogue has changed."""
        if self._store.catalogue_version() != self._goods.version:
            self._goods = read_goods(self._store)
        return self._goods
