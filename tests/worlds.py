"""Small worlds whose answers are known by construction."""

from datetime import UTC, datetime

import numpy as np

from splitshelf.core.activity import Activity
from splitshelf.core.context import Context
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
