"""Questions with known answers: what a shopper had done, and what came next."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

import numpy as np

from splitshelf.core.activity import Activity
from splitshelf.core.arrays import Bools, Ints
from splitshelf.core.context import Context
from splitshelf.core.protocols import Rng
from splitshelf.learn.dataset.dataset import Dataset

CONTEXT = Context(at=datetime(1970, 1, 1, tzinfo=UTC))
"""For models that are asked outside any request."""


@dataclass(frozen=True, slots=True)
class Case:
    """One question: after this activity, which products come?"""

    activity: Activity
    targets: Ints
    """int32: products that the activity does not hold, none twice, at least one."""
    context: Context = CONTEXT

    @classmethod
    def of(cls, activity: Activity, *targets: int) -> Self:
        """A question outside any request."""
        return cls(activity, np.array(targets, dtype=np.int32))


def rests_of_visits(
    dataset: Dataset,
    since: int,
    limit: int,
    history: int,
    rng: Rng,
    *,
    among: Bools | None = None,
) -> list[Case]:
    """At most `limit` cases at random: what a visit brought from an instant at or after `since`.

    The activity is all that the shopper did before that instant, at most `history` events; the
    targets are the products of the rest of the visit that are new to the shopper. So a case asks
    for the next order, or for the clicks that follow. `among` says which shoppers are asked, bool
    [n shoppers]; all where not given.
    """
    late = np.flatnonzero(dataset.times >= since)
    shoppers = np.searchsorted(dataset.offsets, late, side="right") - 1
    if among is not None:
        late, shoppers = late[among[shoppers]], shoppers[among[shoppers]]
    asked: set[int] = set()
    cases = []
    for row in rng.permutation(len(late)).tolist():
        case = _case(dataset, int(late[row]), int(shoppers[row]), history, asked)
        if case is not None:
            cases.append(case)
        if len(cases) == limit:
            break
    return cases


def _case(dataset: Dataset, row: int, shopper: int, history: int, asked: set[int]) -> Case | None:
    start, stop = dataset.offsets[shopper : shopper + 2].tolist()
    times, sessions = dataset.times[start:stop], dataset.sessions[start:stop]
    first = start + int(np.searchsorted(times, dataset.times[row]))
    if first == start or first in asked:
        return None
    asked.add(first)
    last = start + int(np.searchsorted(sessions, dataset.sessions[row], side="right"))
    targets = np.setdiff1d(dataset.products[first:last], dataset.products[start:first])
    if not len(targets):
        return None
    rows = slice(max(start, first - history), first)
    activity = Activity.of(dataset.products[rows], dataset.types[rows], dataset.times[rows])
    return Case(activity, targets, dataset.context(row))
