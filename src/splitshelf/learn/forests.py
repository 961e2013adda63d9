"""Boosted trees as flat arrays: trained by LightGBM, walked by a kernel, kept without pickle."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from splitshelf.core.arrays import Floats, Ints

Table = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Forest:
    """Regression trees whose leaf values add up."""

    roots: Ints
    """int32 [trees]: the first node of each tree."""
    features: Ints
    """int32 [nodes]: which column decides; -1 marks a leaf."""
    thresholds: Floats
    """float64 [nodes]: a row goes left when its value is at most this; the value of a leaf."""
    lefts: Ints
    """int32 [nodes]."""
    rights: Ints
    """int32 [nodes]."""

    @classmethod
    def of(cls, trees: list[dict[str, Any]], share: float = 1.0) -> Self:
        """The forest in LightGBM's `dump_model()["tree_info"]`, all splits numerical.

        Leaves count `share` of what they say, so that several boosters can be averaged.
        """
        nodes: list[tuple[int, float, int, int]] = []
        roots = [_flatten(tree["tree_structure"], share, nodes) for tree in trees]
        columns = list(zip(*nodes, strict=True)) if nodes else [()] * 4
        return cls(
            np.array(roots, dtype=np.int32),
            np.array(columns[0], dtype=np.int32),
            np.array(columns[1], dtype=np.float64),
            np.array(columns[2], dtype=np.int32),
            np.array(columns[3], dtype=np.int32),
        )

    def predict(self, table: Table) -> Floats:
        """The sum of the leaves that each row falls into, float64 [rows]."""
        return _walk(self.roots, self.features, self.thresholds, self.lefts, self.rights, table)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that `restore` needs."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def restore(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The forest that `arrays` was made from."""
        return cls(**{name: arrays[name] for name in cls.__slots__})


def _flatten(node: dict[str, Any], share: float, nodes: list[tuple[int, float, int, int]]) -> int:
    """The number of a node, once it and all below it stand in `nodes`."""
    place = len(nodes)
    if "leaf_value" in node:
        nodes.append((-1, share * float(node["leaf_value"]), -1, -1))
        return place
    nodes.append((0, 0.0, 0, 0))
    left = _flatten(node["left_child"], share, nodes)
    right = _flatten(node["right_child"], share, nodes)
    nodes[place] = (node["split_feature"], float(node["threshold"]), left, right)
    return place


@njit(cache=True, nogil=True)
def _walk(  # noqa: PLR0917 (flat for speed)
    roots: Ints, features: Ints, thresholds: Floats, lefts: Ints, rights: Ints, table: Table
) -> Floats:
    sums = np.zeros(len(table))
    for root in roots:
        for row in range(len(table)):
            node = root
            while features[node] >= 0:
                below = table[row, features[node]] <= thresholds[node]
                node = lefts[node] if below else rights[node]
            sums[row] += thresholds[node]
    return sums
