"""Small worlds whose answers are known by construction."""

from datetime import UTC, datetime

import numpy as np

from splitshelf.core.activity import Activity
from splitshelf.core.columns import EventColumns
from splitshelf.core.context import Context
from splitshelf.core.events import EVENT_CODES, EventType
from splitshelf.learn.dataset.dataset import Dataset

CONTEXT = Context(at=datetime(2026, 1, 1, tzinfo=UTC))


def activity(*products):
    """Views of these products, oldest first."""
    return Activity.of(np.array(products, dtype=np.int32))


def checkerboard(shoppers=60, products=20, seed=0):
    """Even shoppers like even products, odd ones odd; the last two products nobody touched."""
    rng = np.random.default_rng(seed)
    rows = [
        rng.permutation(np.arange(shopper % 2, products, 2))[:6].tolist()
        for shopper in range(shoppers)
    ]
    attributes = [
        [product % 2, 10 + product % 2 + product // 4 * 2] for product in range(products + 2)
    ]
    return Dataset.from_sequences(rows, products + 2, attributes)


def two_shoppers():
    """One shopper reads only 0 to 3, the other only 4 to 7, each three times over."""
    return Dataset.from_sequences(
        [[0, 1, 2, 3] * 3, [4, 5, 6, 7] * 3], attributes=[[p // 4] for p in range(8)]
    )


def views(at, shopper, product, *, shoppers, products, context=None, contexts=()):
    """A log of views, oldest first: who looked at what, when and in which context."""
    n = len(at)
    blank = np.full(n, -1, dtype=np.int32)
    return EventColumns(
        at=at,
        type=np.full(n, EVENT_CODES[EventType.VIEW], dtype=np.int8),
        shopper=shopper.astype(np.int32),
        product=product.astype(np.int32),
        session=blank,
        order=blank,
        quantity=np.ones(n, dtype=np.int32),
        price=np.full(n, np.nan),
        dwell=np.full(n, np.nan, dtype=np.float32),
        value=np.full(n, np.nan, dtype=np.float32),
        exposure=blank,
        context=blank if context is None else context.astype(np.int32),
        shoppers=[f"s{number:05}" for number in range(shoppers)],
        products=[f"p{number:02}" for number in range(products)],
        exposures=[],
        contexts=list(contexts),
    )
