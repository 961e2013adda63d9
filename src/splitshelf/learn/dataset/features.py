"""What the catalogue says about products, as lists of attribute codes."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

import numpy as np

from splitshelf.core.arrays import Ints, Longs
from splitshelf.core.products import Product

_WORD = re.compile(r"[^\W_]{2,}")
_BAND = 1.5


@dataclass(frozen=True, slots=True)
class Features:
    """The attributes of each product, as rows of codes."""

    offsets: Longs
    """int64 [n products + 1]: product p has codes[offsets[p]:offsets[p + 1]]."""
    codes: Ints
    """int32: index into `names`; rising within a product, none twice."""
    names: Sequence[str]
    """Sorted; kind and value, as in brand=Acme, category=Home > Mugs, price=7, word=blue."""

    @classmethod
    def of(cls, rows: Sequence[Iterable[str]]) -> Self:
        """The features of products given as attribute names, one row a product.

        >>> Features.of([["word=tea", "brand=A"], []]).codes.tolist()
        [0, 1]
        """
        sets = [set(row) for row in rows]
        names = sorted(set().union(*sets))
        code = {name: index for index, name in enumerate(names)}
        coded = [sorted(code[name] for name in row) for row in sets]
        sizes = np.array([0, *map(len, coded)], dtype=np.int64)
        flat = np.array([value for row in coded for value in row], dtype=np.int32)
        return cls(np.cumsum(sizes), flat, names)

    @classmethod
    def from_products(cls, ids: Sequence[str], products: Iterable[Product]) -> Self:
        """The features of the products in the order of `ids`; unknown ones have none."""
        known = {product.id: product for product in products}
        return cls.of([list(attributes_of(known[i])) if i in known else [] for i in ids])

    def row(self, product: int) -> Ints:
        """The codes of one product."""
        return self.codes[self.offsets[product] : self.offsets[product + 1]]

    def __len__(self) -> int:
        return len(self.offsets) - 1


def attributes_of(product: Product) -> Iterator[str]:
    """The attribute names of a product.

    >>> mug = Product(id="1", title="Blue mug", category=("Home", "Mugs"), price=Decimal(8))
    >>> list(attributes_of(mug))
    ['word=blue', 'word=mug', 'category=Home', 'category=Home > Mugs', 'price=5']
    """
    for word in _WORD.findall(product.title.lower()):
        yield f"word={word}"
    for depth in range(1, len(product.category) + 1):
        yield f"category={' > '.join(product.category[:depth])}"
    if product.brand:
        yield f"brand={product.brand}"
    if product.price is not None:
        yield f"price={price_band(product.price)}"
    yield from _extra(product.attributes)


def price_band(price: Decimal) -> int:
    """Which band a price falls into: each is half again as dear as the one below.

    >>> [price_band(Decimal(p)) for p in (0, 1, 10, 100)]
    [0, 0, 5, 11]
    """
    return max(0, int(math.log(max(float(price), 1.0), _BAND)))


def _extra(attributes: Mapping[str, str]) -> Iterator[str]:
    for key, value in sorted(attributes.items()):
        yield f"{key}={value}"
