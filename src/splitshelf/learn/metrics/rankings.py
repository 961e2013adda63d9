"""What metrics read: where the relevant products came, and what the lists showed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from splitshelf.core.arrays import Bools, Floats, Ints, Longs

Matrix: TypeAlias = Any  # a scipy.sparse.csr_array, whose types scipy does not tell


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the products, whoever ranks them."""

    popularity: Floats
    """float64 [n products]: the share of past interactions that each product had; sums to 1."""
    attributes: Matrix
    """float64 [n products, n attributes]: how much of a product each attribute is; no columns
    where the shop says nothing about its products."""

    @property
    def n(self) -> int:
        """How many products there are."""
        return len(self.popularity)


@dataclass(frozen=True, slots=True)
class Rankings:
    """What one model put where, for q shoppers (or sessions, or baskets)."""

    ranks: Ints
    """int32, flat: the rank of each relevant product, 1 the best, rising within a shopper. Ties
    share no luck: a relevant product stands below every other product of the same score."""
    relevant: Ints
    """int32, flat: the relevant products in the order of `ranks`."""
    offsets: Longs
    """int64 [q + 1]: where each shopper's part of the flat arrays begins."""
    competitors: Ints
    """int32 [q]: how many products were ranked, the relevant ones included."""
    lists: Ints
    """int32 [q, K]: what would be shown, best first; -1 where the model had nothing to say."""
    history: Matrix
    """float64 [q, n products]: what each shopper did before."""
    facts: Facts

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def count(self) -> Longs:
        """int64 [q]: how many relevant products each shopper has."""
        return np.diff(self.offsets)

    def owner(self) -> Longs:
        """int64, flat: the shopper of each relevant product."""
        return np.repeat(np.arange(len(self)), self.count())

    def place(self) -> Longs:
        """int64, flat: 1 for a shopper's best ranked relevant product, then 2, 3 and so on."""
        return np.arange(len(self.ranks)) - np.repeat(self.offsets[:-1], self.count()) + 1

    def total(self, values: Floats | Bools) -> Floats:
        """float64 [q]: the sum of a flat array over each shopper."""
        return np.bincount(self.owner(), weights=values, minlength=len(self)).astype(np.float64)

    def hits(self, k: int) -> Floats:
        """float64 [q]: how many relevant products stand among the first k."""
        return self.total(self.ranks <= k)


ShopperMetric: TypeAlias = Callable[[Rankings, int], Floats]
"""One value a shopper at cut-off k; nan where it is not defined for that shopper."""
ListMetric: TypeAlias = Callable[[Longs], float]
"""One value from the number of lists that show each product, int64 [n products]."""
RatingMetric: TypeAlias = Callable[[Floats, Floats], float]
"""One value from predicted and given ratings."""


def divide(above: Floats, below: Floats | Longs) -> Floats:
    """The quotient, nan where the divisor is 0."""
    result = np.full(len(above), np.nan)
    np.divide(above, below, out=result, where=below != 0)
    return result
