"""Two towers over attributes alone: what a shopper turned to, and what a product is.

Neither knows any product by name, so a product that nobody touched yet is placed as well as any.
The shopper's tower is a decayed sum over events, so that a score stays a sum of evidence.
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
    normal,
    unit,
    visible,
)


def initial(shape: Shape, rng: Rng) -> Weights:
    """Both towers begin alike, so that products of the same attributes attract each other."""
    width = shape.width
    table = normal(rng, shape.attributes + 1, width, scale=0.1)
    table[-1] = 0.0
    return {
        "attributes": table,
        "aims": table.copy(),
        "source_in": normal(rng, width, width, scale=0.02),
        "source_out": normal(rng, width, width, scale=0.02),
        "aim_in": normal(rng, width, width, scale=0.02),
        "aim_out": normal(rng, width, width, scale=0.02),
        "decay": np.float32(1.0),
    }


def drops(shape: Shape) -> int:
    """Once, on the events."""
    del shape
    return 1


def source(xp: Numpy, weights: Mapping[str, Array], described: Array, products: Array) -> Array:
    """What an event with a product adds to the shopper, at length one, [..., width]."""
    return _tower(xp, weights["attributes"][described[products]].sum(axis=-2), weights, "source")


def aim(xp: Numpy, weights: Mapping[str, Array], described: Array, products: Array) -> Array:
    """Where a product stands, at length one, [..., width]."""
    return _tower(xp, weights["aims"][described[products]].sum(axis=-2), weights, "aim")


def _tower(xp: Numpy, state: Array, weights: Mapping[str, Array], name: str) -> Array:
    inner = xp.maximum(unit(xp, state) @ weights[f"{name}_in"], 0.0)
    return unit(xp, unit(xp, state) + inner @ weights[f"{name}_out"])


def decay_of(xp: Numpy, weights: Mapping[str, Array]) -> Array:
    """What each step back leaves of an event, learned, in (0, 1)."""
    return 1.0 / (1.0 + xp.exp(-weights["decay"]))


def read(  # noqa: PLR0917 (the signature of Network.read)
    xp: Numpy,
    weights: Mapping[str, Array],
    shape: Shape,
    rows: PackedRows,
    described: Array,
    drop: Drop,
) -> Array:
    """The shopper after each event, as unit vectors, [rows, events, width]."""
    del shape
    events = drop(source(xp, weights, described, xp.maximum(rows.products, 0)), 0)
    ago = xp.maximum(rows.places[:, :, None] - rows.places[:, None, :], 0)
    left = xp.where(visible(rows), decay_of(xp, weights) ** ago, 0.0)
    return unit(xp, left @ events)


TOWERS = Network(initial, drops, read, aim)
