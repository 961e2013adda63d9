"""What would stand in for a product, by the words of its title: no complement of it.

Categories are too coarse, and in many shops wrong: two tins that differ in their pattern may lie
in two of them. So of a product's neighbours by content those are substitutes that share at least
half of all words that either has, each weighing its inverse document frequency.
"""

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from splitshelf.core.arrays import Bools, Floats
from splitshelf.learn.models.content import Content

SHARED = 0.5
"""The share of the weight of all their words that substitutes have in common."""
KEPT = 50_000
"""Products whose substitutes are remembered."""


class Substitutes:
    """The substitutes of the products that are asked about, worked out once each."""

    def __init__(self, content: object) -> None:
        """`content` is the artefact's model of attributes, if it has one."""
        self._content = content if isinstance(content, Content) else None
        self._known: dict[int, frozenset[int]] = {}

    @cached_property
    def _words(self) -> Bools:
        names = self._content.features.names if self._content else ()
        return np.array([name.startswith("word=") for name in names], dtype=np.bool_)

    def of(self, product: int) -> frozenset[int]:
        """The codes of what would stand in for a product that the models know; not itself."""
        found = self._known.get(product)
        if found is None:
            if len(self._known) >= KEPT:
                self._known.clear()
            found = self._known[product] = self._found(product)
        return found

    def _found(self, product: int) -> frozenset[int]:
        content = self._content
        if content is None:
            return frozenset()
        rows = content.rows.neighbours
        near = rows.products[rows.offsets[product] : rows.offsets[product + 1]].tolist()
        mine = self._said(content, product)
        return frozenset(
            other
            for other in near
            if other != product and _likeness(mine, self._said(content, other)) >= SHARED
        )

    def _said(self, content: Content, product: int) -> dict[int, float]:
        """The words of a product with their weights."""
        row = content.features.row(product)
        row = row[self._words[row]]
        return dict(zip(row.tolist(), self._idf[row].tolist(), strict=True))

    @cached_property
    def _idf(self) -> Floats:
        if self._content is None:
            return np.empty(0)
        exponent = float(self._content.settings().get("idf_exponent", 1.0)) or 1.0
        return self._content.idf ** (1.0 / exponent)


def _likeness(left: Mapping[int, float], right: Mapping[int, float]) -> float:
    """The weight of what two products share, as a share of all that either has."""
    shared = sum(weight for word, weight in right.items() if word in left)
    whole = sum(left.values()) + sum(right.values()) - shared
    return shared / whole if whole > 0 else 0.0
