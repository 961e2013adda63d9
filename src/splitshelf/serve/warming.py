"""Shelves that nobody sees, so that no shopper waits until a kernel is loaded or compiled."""

import numpy as np

from splitshelf.core.activity import Activity
from splitshelf.core.context import Context
from splitshelf.core.protocols import Candidates
from splitshelf.serve.freshness import Assortment
from splitshelf.serve.placement import Query
from splitshelf.serve.rankers import Ranker
from splitshelf.serve.ranking import Limits, rank

_N = 3


def warm(ranker: Ranker, popular: Candidates, assortment: Assortment, context: Context) -> None:
    """Ask a ranker and the steps after it for a shelf that the pool cannot fill.

    Filling up comes when the store is silent and nobody's past is known: late for a first time.
    """
    if not assortment.known:
        return
    query = Query(Activity.of(np.zeros(1, dtype=np.int32)), "personal")
    nothing = np.empty(0, dtype=np.int32)
    factors = np.ones(len(assortment.sellable))
    pool = ranker.pool(query, context, assortment.sellable, nothing, _N, factors)
    ranker.scores(query, context, np.zeros(1, dtype=np.int32))
    ranker.causes(query, context, [0])
    one = Candidates(pool.products[:1], pool.scores[:1])
    limits = Limits(_N, _N, [0], assortment.sellable, [0], diversity=0.1)
    rank(one, popular, assortment, limits, seed=0, temperature=0.1)
