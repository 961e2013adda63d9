"""What a network is: functions that numpy and JAX share, so that answers need no framework."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np

from splitshelf.core.arrays import Ints, Longs
from splitshelf.core.protocols import Rng

Array: TypeAlias = Any
"""An array of numpy, or one that JAX traces."""
Numpy: TypeAlias = Any
"""The module numpy, or its likeness in JAX."""
Weights: TypeAlias = dict[str, Any]
"""Arrays by name; all float32."""
Drop: TypeAlias = Callable[[Array, int], Array]
"""What training leaves of an array; the number tells the places apart."""
_TINY = 1e-6


class Shape(NamedTuple):
    """What the arrays of a network measure."""

    products: int
    attributes: int
    """Real ones; one more row stands for none."""
    width: int
    """Of every vector."""
    length: int
    """Events that a window may hold."""
    blocks: int
    heads: int


class PackedRows(Protocol):
    """Windows side by side: packing.Rows, or what JAX traces of them."""

    @property
    def products(self) -> Array:
        """-1 where empty."""
        ...

    @property
    def places(self) -> Array:
        """How many events of the window stand before this one."""
        ...

    @property
    def windows(self) -> Array:
        """The same for the events of one window."""
        ...


class Network(NamedTuple):
    """One architecture; its functions live in modules, so that a compilation is found again."""

    initial: Callable[[Shape, Rng], Weights]
    """Weights to begin with."""
    drops: Callable[[Shape], int]
    """In how many places training drops out."""
    read: Callable[[Numpy, Mapping[str, Array], Shape, PackedRows, Array, Drop], Array]
    """What each event makes of its window so far, unit vectors [rows, events, width]. `Array` is
    the table of attributes, see `described_by`."""
    aim: Callable[[Numpy, Mapping[str, Array], Array, Array], Array]
    """The unit vectors of products [..., width], given the table of attributes."""


def keep_all(array: Array, place: int) -> Array:
    """The array: answering drops nothing."""
    del place
    return array


def normal(rng: Rng, *size: int, scale: float) -> np.ndarray:
    """Random weights around nought, float32."""
    return (scale * rng.standard_normal(size)).astype(np.float32)


def unit(xp: Numpy, vectors: Array) -> Array:
    """The vectors at length one."""
    return vectors / xp.sqrt((vectors * vectors).sum(axis=-1, keepdims=True) + _TINY)


def visible(rows: PackedRows) -> Array:
    """Whether an event may look at another: itself or earlier, of the same window."""
    same = rows.windows[:, :, None] == rows.windows[:, None, :]
    return same & (rows.places[:, :, None] >= rows.places[:, None, :])


def level(xp: Numpy, state: Array, weights: Mapping[str, Array], name: str) -> Array:
    """Layer normalisation (Ba et al. 2016); `name` is that of its scale and shift."""
    centred = state - state.mean(axis=-1, keepdims=True)
    spread = xp.sqrt((centred * centred).mean(axis=-1, keepdims=True) + _TINY)
    return centred / spread * weights[f"{name}_scale"] + weights[f"{name}_shift"]


def described_by(offsets: Longs, codes: Ints, most: int) -> tuple[Ints, int]:
    """The attributes of each product, int32 [products, most], and how many there are.

    Those that two products share, the rarest first; the rest is filled up with that number.

    >>> described_by(np.array([0, 2, 3]), np.array([0, 1, 1], dtype=np.int32), 2)[0].tolist()
    [[1, 2], [1, 2]]
    """
    total = int(codes.max(initial=-1)) + 1
    counts = np.bincount(codes, minlength=total)
    owners = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    shared = counts[codes] > 1
    codes, owners = codes[shared], owners[shared]
    order = np.lexsort((codes, counts[codes], owners))
    codes, owners = codes[order], owners[order]
    places = np.arange(len(codes)) - np.searchsorted(owners, owners)
    kept = places < most
    table = np.full((len(offsets) - 1, most), total, dtype=np.int32)
    table[owners[kept], places[kept]] = codes[kept]
    return table, total
