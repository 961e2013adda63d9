"""Everybody's acts by shopper, as far as counts need them, and how some shoppers' are exchanged."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from splitshelf.core.arrays import Bools, Bytes, Ints, Longs
from splitshelf.core.columns import EventColumns
from splitshelf.core.events import EVENT_CODES, EventType
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.dataset.features import Features
from splitshelf.learn.dataset.order import VISIT_GAP, group, number_sessions
from splitshelf.learn.ids import Ids

_IMPRESSION = EVENT_CODES[EventType.IMPRESSION]
_KEPT = ("products", "types", "times", "values", "sessions", "contexts")
"""The columns that counts read; the others of a dataset are folded."""


@dataclass(frozen=True, slots=True)
class Acts:
    """Acts with products of an artefact, in its codes, in the order of a log."""

    rows: Longs
    """int64: where they stand in the log."""
    products: Ints
    types: Bytes
    times: Longs
    values: NDArray[np.float32]
    sessions: Ints
    """int32: the same for those of one visit that the shop named; -1 where it named none."""
    contexts: Ints
    """int32: index into the names of the log's contexts; -1 where an act said nothing of it."""

    def __len__(self) -> int:
        return len(self.rows)


def acts_of(columns: EventColumns, products: Ids) -> Acts:
    """The acts of a log with the products of an artefact; impressions are none."""
    known = np.array([*map(products.find, columns.products), -1], dtype=np.int32)
    codes = known[columns.product]
    rows = np.flatnonzero((codes >= 0) & (columns.type != _IMPRESSION))
    types, times, values = columns.type[rows], columns.at[rows], columns.value[rows]
    sessions, contexts = columns.session[rows], columns.context[rows]
    return Acts(rows, codes[rows], types, times, values, sessions, contexts)


def histories_of(columns: EventColumns, products: Ids, until: int) -> Dataset:
    """The acts of a log by shopper, as far as they are with products of an artefact.

    Visits are not numbered: `sessions` holds those that the shop named, as `Acts` does.
    """
    acts = acts_of(columns, products)
    offsets, order = group(columns.shopper[acts.rows], len(columns.shoppers))
    unsaid = _unsaid(len(acts))
    return Dataset(
        product_ids=products,
        shopper_ids=columns.shoppers,
        offsets=offsets,
        products=acts.products[order],
        types=acts.types[order],
        times=acts.times[order],
        sessions=acts.sessions[order],
        values=acts.values[order],
        orders=unsaid["orders"],
        quantities=unsaid["quantities"],
        prices=unsaid["prices"],
        contexts=acts.contexts[order],
        context_names=columns.contexts,
        features=Features(np.zeros(1, np.int64), np.empty(0, np.int32), ()),
        until=until,
    )


def told_alike(acts: Acts, told: Sequence[str], known: Sequence[str]) -> tuple[Acts, Sequence[str]]:
    """The acts of a log, whose contexts are `told`, in codes of `known` names; and all of these."""
    codes = {name: code for code, name in enumerate(known)} if told else {}
    places = [codes.setdefault(name, len(codes)) for name in told]
    contexts = np.array([*places, -1], dtype=np.int32)[acts.contexts]
    return replace(acts, contexts=contexts), tuple(codes) if told else known


def with_visits(histories: Dataset) -> Dataset:
    """The same with numbered visits."""
    visits = number_sessions(histories.offsets, histories.times, histories.sessions)
    return replace(histories, sessions=visits)


def gathered(dataset: Dataset, shoppers: Ints) -> Dataset:
    """The acts of some shoppers, who have the codes 0, 1, ... in what comes back."""
    starts, sizes = dataset.offsets[:-1][shoppers], np.diff(dataset.offsets)[shoppers]
    return _picked(dataset, _rows(starts, sizes), sizes)


def followed(before: Dataset, acts: Acts, owners: Ints, count: int) -> Dataset:
    """The acts of `count` shoppers: what they did before, and what came since, by time.

    `owners` says for each act of `before`, and then of `acts`, whose it is from now on; nobody's
    where it is -1. Names of visits are told apart from those before by the caller.
    """
    both = {name: np.concatenate((getattr(before, name), getattr(acts, name))) for name in _KEPT}
    order = np.lexsort((both["times"], owners))
    order = order[owners[order] >= 0]
    late = np.arange(len(owners)) >= len(before)
    offsets = _offsets(np.bincount(owners[order], minlength=count))
    found = {name: column[order] for name, column in both.items()}
    found["sessions"] = _joined(offsets, found["times"], found["sessions"], late[order])
    return replace(
        before, shopper_ids=range(count), offsets=offsets, **found, **_unsaid(len(order))
    )


def exchanged(dataset: Dataset, shoppers: Ints, after: Dataset, n_shoppers: int) -> Dataset:
    """The acts of everybody, those of some shoppers as they are `after`; new shoppers come last.

    So do new names of contexts: those of `after` begin with those of `dataset`.
    """
    sizes = np.zeros(n_shoppers, dtype=np.int64)
    starts = np.zeros(n_shoppers, dtype=np.int64)
    sizes[: dataset.n_shoppers] = np.diff(dataset.offsets)
    starts[: dataset.n_shoppers] = dataset.offsets[:-1]
    sizes[shoppers], starts[shoppers] = np.diff(after.offsets), after.offsets[:-1] + len(dataset)
    joined = {
        name: np.concatenate((getattr(dataset, name), getattr(after, name))) for name in _KEPT
    }
    names = after.context_names
    both = replace(dataset, context_names=names, **joined, **_unsaid(len(dataset) + len(after)))
    return _picked(both, _rows(starts, sizes), sizes)


def _picked(dataset: Dataset, rows: Longs, sizes: Longs) -> Dataset:
    columns = {name: getattr(dataset, name)[rows] for name in _KEPT}
    nobody = range(len(sizes))  # names stay with whoever asks
    return replace(
        dataset,
        offsets=_offsets(sizes),
        shopper_ids=nobody,
        **columns,
        **_unsaid(len(rows)),
    )


def _unsaid(count: int) -> dict[str, NDArray[Any]]:
    """The columns that no count reads, as views of one value."""
    return {
        "orders": np.broadcast_to(np.int32(-1), count),
        "quantities": np.broadcast_to(np.int32(1), count),
        "prices": np.broadcast_to(np.nan, count),
    }


def _offsets(sizes: Longs) -> Longs:
    return np.concatenate(([0], np.cumsum(sizes, dtype=np.int64)))


def _rows(starts: Longs, sizes: Longs) -> Longs:
    """The rows of stretches that begin at `starts`, one stretch after the other."""
    return np.arange(sizes.sum()) + np.repeat(starts - _offsets(sizes)[:-1], sizes)


@njit(cache=True, nogil=True)
def _joined(offsets: Longs, times: Longs, sessions: Ints, late: Bools) -> Ints:
    """The named visits of acts; a late one goes on with the named visit just before it.

    Names themselves are not kept: after VISIT_GAP it is another visit.
    """
    found = sessions.copy()
    for shopper in range(len(offsets) - 1):
        for act in range(offsets[shopper] + 1, offsets[shopper + 1]):
            named = found[act] >= 0 and found[act - 1] >= 0
            if late[act] and named and times[act] - times[act - 1] <= VISIT_GAP:
                found[act] = found[act - 1]
    return found
