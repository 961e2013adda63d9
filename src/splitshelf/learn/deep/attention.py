"""A transformer of the SASRec kind (Kang and McAuley 2018), ends compared by cosine.

Each event looks back at those before it in its window. The cosine keeps a product's length from
standing for how popular it is.
"""

from collections.abc import Mapping

import numpy as np

from splitshelf.core.protocols import Rng
from splitshelf.learn.deep.networks import (
    Array,
    Drop,
    Network,
    Numpy,
    PackedRows,
    Shape,
    Weights,
    level,
    normal,
    unit,
    visible,
)


def initial(shape: Shape, rng: Rng) -> Weights:
    """Small random weights; what scales begins at one, what shifts at nought."""
    width = shape.width
    weights: Weights = {
        "products": normal(rng, shape.products, width, scale=0.05),
        "attributes": normal(rng, shape.attributes + 1, width, scale=0.05),
        "places": normal(rng, shape.length, width, scale=0.02),
        **_levelled("last", width),
    }
    weights["attributes"][-1] = 0.0
    spread = (3 * width) ** -0.5
    for block in range(shape.blocks):
        weights |= {
            **_levelled(f"attend_{block}", width),
            **_levelled(f"think_{block}", width),
            f"attend_{block}_in": normal(rng, width, 3 * width, scale=spread),
            f"attend_{block}_out": normal(rng, width, width, scale=spread),
            f"think_{block}_in": normal(rng, width, width, scale=spread),
            f"think_{block}_bias": np.zeros(width, dtype=np.float32),
            f"think_{block}_out": normal(rng, width, width, scale=spread),
        }
    return weights


def _levelled(name: str, width: int) -> Weights:
    ones = np.ones(width, dtype=np.float32)
    return {f"{name}_scale": ones, f"{name}_shift": np.zeros_like(ones)}


def drops(shape: Shape) -> int:
    """Once on the events, three times in each block."""
    return 3 * shape.blocks + 1


def embed(weights: Mapping[str, Array], described: Array, products: Array) -> Array:
    """The vectors of products: their own plus those of their attributes, [..., width]."""
    own = weights["products"][products]
    return own + weights["attributes"][described[products]].sum(axis=-2)


def aim(xp: Numpy, weights: Mapping[str, Array], described: Array, products: Array) -> Array:
    """The same vectors at length one."""
    return unit(xp, embed(weights, described, products))


def read(  # noqa: PLR0917 (the signature of Network.read)
    xp: Numpy,
    weights: Mapping[str, Array],
    shape: Shape,
    rows: PackedRows,
    described: Array,
    drop: Drop,
) -> Array:
    """What each event makes of those it sees, as unit vectors, [rows, events, width]."""
    events = embed(weights, described, xp.maximum(rows.products, 0))
    events = events + weights["places"][xp.maximum(rows.places, 0)]
    return encode(xp, weights, shape, (events, visible(rows)), drop)


def encode(
    xp: Numpy,
    weights: Mapping[str, Array],
    shape: Shape,
    events: tuple[Array, Array],
    drop: Drop,
) -> Array:
    """The same of vectors with their places added, and bool [rows, events, events]: who sees."""
    state, seen = events
    state = drop(state, 0)
    for block in range(shape.blocks):
        calm = level(xp, state, weights, f"attend_{block}")
        mixed = calm @ weights[f"attend_{block}_in"]
        met = _attend(xp, mixed, shape.heads, seen)
        state = state + drop(met @ weights[f"attend_{block}_out"], 3 * block + 1)
        calm = level(xp, state, weights, f"think_{block}")
        inner = calm @ weights[f"think_{block}_in"] + weights[f"think_{block}_bias"]
        inner = drop(xp.maximum(inner, 0.0), 3 * block + 2)
        state = state + drop(inner @ weights[f"think_{block}_out"], 3 * block + 3)
    return unit(xp, level(xp, state, weights, "last"))


def _attend(xp: Numpy, mixed: Array, heads: int, seen: Array) -> Array:
    """What events gather from those they see: softmax(QK' / sqrt(width)) V for each head."""
    rows, events, triple = mixed.shape
    size = triple // 3 // heads
    split = mixed.reshape(rows, events, 3, heads, size)
    asks, keys, values = (split[:, :, part].swapaxes(1, 2) for part in range(3))
    fits = xp.where(seen[:, None], asks @ keys.swapaxes(2, 3) * size**-0.5, -1e9)
    shares = xp.exp(fits - fits.max(axis=-1, keepdims=True))
    shares = shares / shares.sum(axis=-1, keepdims=True)
    return (shares @ values).swapaxes(1, 2).reshape(rows, events, heads * size)


ATTENTION = Network(initial, drops, read, aim)
