"""Questions with known answers: what a shopper had done, and what came next."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from splitshelf.core.activity import Activity
from splitshelf.core.clock import moment
from splitshelf.core.context import Context
from splitshelf.core.protocols import Rng
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
