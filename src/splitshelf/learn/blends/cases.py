"""Questions with known answers: what a shopper had done, and what came next."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from splitshelf.core.activity import Activity
from splitshelf.core.arrays import Floats, Longs
from splitshelf.core.clock import moment
from splitshelf.core.context import Context
from splitshelf.core.protocols import Model, Rng
from splitshelf.learn.dataset.dataset import Dataset

CONTEXT = Context(at=datetime(1970, 1, 1, tzinfo=UTC))
"""For models that are asked outside any request."""


@dataclass(frozen=True, slots=True)
class Case:
    """One question: after this activity, which product comes?"""

    activity: Activity
    target: int
    """Index of a product that the activity does not hold."""
    context: Context = CONTEXT


@dataclass(frozen=True, slots=True)
class Lists:
    """The candidates of many cases with the score that each part gives them."""

    offsets: Longs
    """int64 [cases + 1]: rows of a case."""
    scores: Floats
    """float64 [rows, parts]."""
    targets: Longs
    """int64 [cases]: the row of the target, -1 where no part proposed it."""


def next_products(dataset: Dataset, since: int, limit: int, history: int, rng: Rng) -> list[Case]:
    """At most `limit` cases at random: the first new product of an event at or after `since`.

    The activity holds everything before that event, at most `history` events.
    """
    late = np.flatnonzero(dataset.times >= since)
    shoppers = dataset.shoppers()[late]
    cases = []
    for row in rng.permutation(len(late)).tolist():
        case = _case(dataset, int(late[row]), int(shoppers[row]), history)
        if case is not None:
            cases.append(case)
        if len(cases) == limit:
            break
    return cases


def _case(dataset: Dataset, row: int, shopper: int, history: int) -> Case | None:
    start = int(dataset.offsets[shopper])
    if row == start or dataset.products[row] in dataset.products[start:row]:
        return None
    rows = slice(max(start, row - history), row)
    activity = Activity.of(dataset.products[rows], dataset.types[rows], dataset.times[rows])
    return Case(activity, int(dataset.products[row]), Context(at=moment(int(dataset.times[row]))))


def gather(parts: Mapping[str, Model], cases: Sequence[Case], depth: int) -> Lists:
    """The best `depth` of each part for each case, all scored by all parts; seen ones masked."""
    blocks = list(_blocks(parts, cases, depth))
    sizes = [0, *(len(products) for products, _ in blocks)]
    offsets = np.cumsum(np.array(sizes, dtype=np.int64))
    targets = np.full(len(cases), -1, dtype=np.int64)
    for number, (products, _) in enumerate(blocks):
        found = np.flatnonzero(products == cases[number].target)
        if len(found):
            targets[number] = offsets[number] + found[0]
    tables = [scores for _, scores in blocks] or [np.empty((0, len(parts)))]
    return Lists(offsets, np.concatenate(tables), targets)


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
            order = np.argpartition(-masked, min(depth, len(masked) - 1))[:depth]
            lists.append(order[masked[order] > 0])
        products = np.unique(np.concatenate(lists))
        yield products, np.stack([scores[products] for scores in whole], axis=1)
