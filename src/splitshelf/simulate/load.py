"""Large logs in seconds, as columns: what benchmarks are run on.

The tastes are crude, the shape is right: few products take most of the events, few shoppers make
most of them.
"""

from dataclasses import dataclass

import numpy as np

from splitshelf.core.arrays import Bytes, Ints
from splitshelf.core.clock import DAY
from splitshelf.core.columns import EventColumns
from splitshelf.core.events import EVENT_CODES, EventType

_SHARES = {EventType.VIEW: 0.86, EventType.ADD_TO_CART: 0.08, EventType.PURCHASE: 0.06}
_KINDS = 64
"""Tastes: a shopper keeps to the products of one of them, three times in four."""


@dataclass(frozen=True, slots=True)
class Load:
    """How large."""

    products: int = 2000
    shoppers: int = 10_000
    events: int = 200_000
    days: int = 60


def columns(load: Load, rng: np.random.Generator) -> EventColumns:
    """A log of that size, oldest first; 20 million events take about ten seconds."""
    n = load.events
    shopper = skewed(load.shoppers, n, 0.7, rng)
    product = skewed(load.products, n, 0.9, rng)
    own = (product // _KINDS) * _KINDS + shopper % _KINDS
    keep = (rng.random(n) < 0.75) & (own < load.products)
    product = np.where(keep, own, product).astype(np.int32)
    at = np.sort(rng.integers(0, load.days * DAY, n))
    blank = np.full(n, -1, dtype=np.int32)
    return EventColumns(
        at=at,
        type=_types(n, rng),
        shopper=shopper,
        product=product,
        session=(at // DAY * load.shoppers + shopper).astype(np.int32),
        order=blank,
        quantity=np.ones(n, dtype=np.int32),
        price=np.full(n, np.nan),
        dwell=np.full(n, np.nan, dtype=np.float32),
        value=np.full(n, np.nan, dtype=np.float32),
        exposure=blank,
        context=blank,
        shoppers=[f"s{number:08d}" for number in range(load.shoppers)],
        products=[f"p{number:08d}" for number in range(load.products)],
        exposures=[],
        contexts=[],
    )


def skewed(size: int, n: int, power: float, rng: np.random.Generator) -> Ints:
    """N numbers below `size`, int32; the chance of number i falls as (i + 1) ** -power.

    By inverting the continuous distribution, so it costs one power a number.

    >>> bool((np.diff(np.bincount(skewed(3, 9000, 0.8, np.random.default_rng(0)))) < 0).all())
    True
    """
    high = (size + 1) ** (1 - power)
    places = (rng.random(n) * (high - 1) + 1) ** (1 / (1 - power)) - 1
    return np.minimum(places, size - 1).astype(np.int32)


def _types(n: int, rng: np.random.Generator) -> Bytes:
    codes = np.array([EVENT_CODES[kind] for kind in _SHARES], dtype=np.int8)
    return rng.choice(codes, n, p=list(_SHARES.values()))
