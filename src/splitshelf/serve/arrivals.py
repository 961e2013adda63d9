"""Since when the shop has each product, kept at what the catalogue says now."""

import numpy as np

from splitshelf.core.arrays import Ints, Longs
from splitshelf.core.clock import DAY
from splitshelf.serve.freshness import NEVER, Assortment

_LATELY = 60 * DAY


class Arrivals:
    """Costs nothing until it is asked, then by the products that changed since the last time."""

    def __init__(self, assortment: Assortment) -> None:
        self._assortment = assortment
        self._journal = assortment.journal
        self._read = 0
        self._since: Longs = np.empty(0, dtype=np.int64)
        self._order: Ints | None = None

    def newest(self, limit: int, now: int) -> tuple[Ints, Longs]:
        """At most so many codes of products published within 60 days, newest first, and when.

        `now` is microseconds UTC; what is to be published later is left out, and what cannot
        be sold. Ties by code.
        """
        self._catch_up()
        if self._order is None:
            dated = np.flatnonzero(self._since > NEVER)
            self._order = dated[np.argsort(-self._since[dated], kind="stable")].astype(np.int32)
        since = self._since[self._order]
        first = int(np.searchsorted(-since, -now))
        last = int(np.searchsorted(-since, -(now - _LATELY), side="right"))
        codes = self._order[first:last]
        codes = codes[self._assortment.sellable[codes]][:limit]
        return codes, self._since[codes]

    def _catch_up(self) -> None:
        assortment = self._assortment
        journal, published = assortment.journal, assortment.published
        changed, self._read = journal[self._read :], len(journal)
        if journal is not self._journal or len(self._since) != len(published):
            self._journal, self._since, self._order = journal, published.copy(), None
        elif (self._since[changed] != published[changed]).any():
            self._since[changed] = published[changed]
            self._order = None
