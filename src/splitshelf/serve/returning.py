"""The model of shelves that show again what a shopper knows: each event speaks for itself."""

import numpy as np

from splitshelf.learn.neighbours import NeighbourModel, Neighbours

NAME = "returning"
_DECAY = 0.9


def returning(n: int) -> NeighbourModel:
    """A model of n products where each is its own and only neighbour; the newest counts most."""
    every = np.arange(n, dtype=np.int32)
    rows = Neighbours(
        offsets=np.arange(n + 1, dtype=np.int64),
        products=every,
        weights=np.ones(n, dtype=np.float32),
        supporters=np.empty(0, dtype=np.int32),
    )
    return NeighbourModel(NAME, rows, _DECAY, {})
