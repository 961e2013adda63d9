"""The place that is kept for what is new: with a set chance the last one of a shelf goes to it.

Nobody can know yet whether a new product is liked, so a share of shelves finds out. Where the coin
says so, one of the new products that may stand there is drawn, each as likely as the others; else
the last place is what it was. The chance of what stands there, given what stands above, is

    P(i) = share x [i is new] / number of new ones + (1 - share) x P(i at the last place otherwise),

which is what the log keeps. So each of m new products has at least share / m of such places.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from splitshelf.core.arrays import Ints

LEAST = 4
"""Shorter shelves keep all their places."""


@dataclass(frozen=True, slots=True)
class Debut:
    """What may make its debut on one shelf."""

    share: float
    """Of shelves whose last place goes to a new product."""
    codes: Ints
    """int32: the new products that may stand there, whatever stands above."""
    kinds: Ints
    """int32 [kinds, catalogue]: see Assortment."""
    caps: tuple[tuple[int, int], ...]
    """Rows of `kinds`, and how many products of one may stand on the shelf."""

    def free(self, above: Sequence[int]) -> Ints:
        """Those that may stand below these products."""
        codes = self.codes[~np.isin(self.codes, above)]
        for row, most in self.caps:
            kinds, counts = np.unique(self.kinds[row, above], return_counts=True)
            full = kinds[(counts >= most) & (kinds >= 0)]
            codes = codes[~np.isin(self.kinds[row, codes], full)]
        return codes

    def drawn(self, free: Ints, seed: int) -> int | None:
        """The new product that the coin of a request gives the place to; None where it does not."""
        digest = blake2b(seed.to_bytes(8, "big"), digest_size=16, person=b"debut").digest()
        if int.from_bytes(digest[:8], "big") / 2.0**64 >= self.share:
            return None
        return int(free[int.from_bytes(digest[8:], "big") % len(free)])

    def chance(self, free: Ints, code: int, otherwise: float) -> float:
        """The chance of a product at the last place, where `otherwise` is that without a debut."""
        if not len(free):
            return otherwise
        return self.share * float((free == code).any()) / len(free) + (1 - self.share) * otherwise
