"""The candidates of held-out cases, as flat tables that weights are learned on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from splitshelf.core.arrays import Bools, Floats, Longs
from splitshelf.core.protocols import Model
from splitshelf.learn.dataset.cases import Case
from splitshelf.learn.neighbours import best


@dataclass(frozen=True, slots=True)
class Lists:
    """The candidates of many cases with the score that each part gives them."""

    offsets: Longs
    """int64 [cases + 1]: rows of a case."""
    scores: Floats
    """float64 [rows, parts]."""
    wanted: Bools
    """bool [rows]: whether the candidate came."""
    targets: Longs
    """int64 [cases]: how many products came, proposed or not."""


def gather(parts: Mapping[str, Model], cases: Sequence[Case], depth: int) -> Lists:
    """The best `depth` of each part for each case, all scored by all parts; seen ones masked."""
    blocks = list(_blocks(parts, cases, depth))
    sizes = [0, *(len(products) for products, _ in blocks)]
    wanted = [
        np.isin(products, case.targets) for (products, _), case in zip(blocks, cases, strict=True)
    ]
    return Lists(
        offsets=np.cumsum(np.array(sizes, dtype=np.int64)),
        scores=np.concatenate([np.empty((0, len(parts))), *(scores for _, scores in blocks)]),
        wanted=np.concatenate([np.empty(0, dtype=np.bool_), *wanted]),
        targets=np.array([len(case.targets) for case in cases], dtype=np.int64),
    )


def _blocks(
    parts: Mapping[str, Model], cases: Sequence[Case], depth: int
) -> Iterator[tuple[np.ndarray, Floats]]:
    for case in cases:
        seen = case.activity.products
        whole = [model.score_all(case.activity, case.context) for model in parts.values()]
        lists = []
        for scores in whole:
            masked = scores.copy()
            masked[seen] = 0.0
            lists.append(best(masked, depth).products)
        products = np.unique(np.concatenate(lists))
        yield products, np.stack([scores[products] for scores in whole], axis=1)
