"""Candidates of several parts for one activity, described by numbers that a ranker reads."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numba import njit

from splitshelf.core.activity import Activity
from splitshelf.core.arrays import Floats, Ints
from splitshelf.core.context import Context
from splitshelf.core.protocols import Model
from splitshelf.learn.blends.additive import Additive
from splitshelf.learn.blends.columns import (
    ABOUT_ACTIVITY,
    ABOUT_OVERLAP,
    ABOUT_PRODUCT,
    PER_PART,
    Table,
    fill,
    overlap,
)
from splitshelf.learn.dataset.weights import query_weights
from splitshelf.learn.models.content import Content
from splitshelf.learn.neighbours import keep_best
from splitshelf.learn.static import StaticModel

_OVERLAP_DECAY = 0.8


@dataclass(frozen=True, slots=True)
class Proposal:
    """The candidates of one activity."""

    products: Ints
    """int32 [rows]: rising."""
    table: Table
    """float32 [rows, columns]: see `names`."""
    competitors: int
    """How many products there are, proposed or not."""


def names(parts: Mapping[str, Model]) -> list[str]:
    """What each column of a table holds."""
    static = [name for name, part in parts.items() if isinstance(part, StaticModel)]
    described = ABOUT_OVERLAP if _described(parts) else ()
    return [
        *(f"{part} {what}" for part in parts for what in PER_PART),
        *ABOUT_PRODUCT,
        *ABOUT_ACTIVITY,
        *(f"newest product: {part}" for part in static),
        *described,
    ]


def _described(parts: Mapping[str, Model]) -> Content | None:
    """The first part that knows the attributes of products."""
    return next((part for part in parts.values() if isinstance(part, Content)), None)


def describe(
    parts: Mapping[str, Model],
    activity: Activity,
    context: Context,
    depth: int,
    *,
    repeats: bool,
    silent: Collection[str] = (),
    only_with: Ints | None = None,
) -> Proposal:
    """The best `depth` products of each part, and one row about each of them.

    With `repeats` the products of the activity take part too, all of them; otherwise none does.
    Parts named in `silent` describe the products of the others and propose none. A proposal without
    any of `only_with`, where given, has no rows: nobody could learn from it.
    """
    asked = {*parts} - {*silent} | {*_summed(parts)}
    whole = _scored({name: parts[name] for name in parts if name in asked}, activity, context)
    known = _known(activity, len(next(iter(whole.values()))))
    seen = known.products[::-1]
    heard = tuple(values for name, values in whole.items() if name not in silent)
    products = _propose(heard, seen, depth, repeats)
    if only_with is not None and not np.isin(only_with, products).any():
        products = products[:0]
    table = np.zeros((len(products), len(names(parts))), dtype=np.float32)
    if len(products):
        columns = [
            whole[name][products] if name in whole else part.score(activity, context, products)
            for name, part in parts.items()
        ]
        acts = (seen, query_weights(known.types)[::-1], known.times[::-1])
        fill(products, np.stack(columns, axis=1), acts, table)
        _fill_newest(parts, seen, table)
        _fill_overlap(_described(parts), known, products, table)
    return Proposal(products, table, len(heard[0]))


def _summed(parts: Mapping[str, Model]) -> list[str]:
    """The parts that are terms of another."""
    sums = [part for part in parts.values() if isinstance(part, Additive)]
    return [name for one in sums for name, part in one.parts.items() if parts.get(name) is part]


def _scored(parts: Mapping[str, Model], activity: Activity, context: Context) -> dict[str, Floats]:
    """What each part says of every product; a sum of earlier parts is not asked, but summed."""
    found: dict[str, Floats] = {}
    for name, part in parts.items():
        if isinstance(part, Additive) and all(
            one in found and parts[one] is model for one, model in part.parts.items()
        ):
            terms = [weight * found[one] for one, weight in part.weights.items()]
            found[name] = np.sum(terms, axis=0)
        else:
            found[name] = part.score_all(activity, context)
    return found


def _known(activity: Activity, n: int) -> Activity:
    """The events with products that the parts know: an index from n on is newer than they are."""
    keep = activity.products < n
    return (
        activity
        if keep.all()
        else replace(
            activity,
            products=activity.products[keep],
            types=activity.types[keep],
            times=activity.times[keep],
            steps=activity.steps[keep],
        )
    )


@njit(cache=True, nogil=True)
def _propose(whole, seen, depth, repeats):  # noqa: ANN001, ANN202 (numba infers)
    """The union of the best of each part, rising; without what was seen, or with all of it."""
    n = len(whole[0])
    known, chosen = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
    for product in seen:
        known[product] = not repeats
        chosen[product] = repeats
    among, heap = np.empty(n, dtype=np.int32), np.empty(depth, dtype=np.int32)
    for scores in whole:
        count = 0
        for product in range(n):
            if scores[product] > 0.0 and not known[product]:
                among[count] = product
                count += 1
        chosen[heap[: keep_best(among, count, scores, heap)]] = True
    return np.flatnonzero(chosen).astype(np.int32)


def _fill_newest(parts: Mapping[str, Model], seen: Ints, table: Table) -> None:
    column = len(parts) * len(PER_PART) + len(ABOUT_PRODUCT) + len(ABOUT_ACTIVITY)
    for part in parts.values():
        if isinstance(part, StaticModel):
            table[:, column] = part.scores[seen[0]] if len(seen) else 0.0
            column += 1


def _fill_overlap(
    content: Content | None, activity: Activity, products: Ints, table: Table
) -> None:
    if content is None or not len(activity):
        return
    strengths = np.maximum(query_weights(activity.types), 0.0) * _OVERLAP_DECAY**activity.steps
    features = content.features
    at = table.shape[1] - len(ABOUT_OVERLAP)
    sources = activity.products[::-1]
    overlap(
        features.offsets, features.codes, content.idf, sources, strengths[::-1], products, table, at
    )
