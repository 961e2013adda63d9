"""Reads baskets: each user's orders before a moment, and the orders after it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import numpy as np

from splitshelf.core.arrays import Bools, Ints, Longs
from splitshelf.core.clock import DAY
from splitshelf.core.errors import InputError
from splitshelf.core.protocols import Rng
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.evaluation.questions import Questions, distinct

LIMIT = 1_000
"""How many of the newest lines of a user a model reads."""
Baskets = Mapping[str, Sequence[Sequence[str | int]]]


@dataclass(frozen=True, slots=True)
class Orders:
    """A history and what followed it, items coded alike."""

    past: Dataset
    questions: Questions


def read_files(history: Path, future: Path, rng: Rng) -> Orders:
    """The orders in two files; asked is each user's first order of the future, if it has items.

    Files hold JSON {user: [[items], ...]}, oldest order first. Item names are shuffled.
    """
    before, after = _decode(history), _decode(future)
    users = sorted(before)
    items = sorted({str(item) for part in (before, after) for item in _flat(part)})
    places = rng.permutation(len(items)).astype(np.int32)
    code = dict(zip(items, places.tolist(), strict=True))
    rows = [[[code[str(item)] for item in order] for order in before[user]] for user in users]
    past = dataset_of(rows, len(items))
    wanted = [[code[str(item)] for item in _next(after, user)] for user in users]
    return Orders(past, _questions(past, wanted, history))


def dataset_of(rows: Sequence[Sequence[Sequence[int]]], n_products: int) -> Dataset:
    """The dataset of each user's orders, a day apart; an order is a visit too.

    Everybody's last order falls on the same day: files hold what came before one moment.
    """
    lines = [sum(map(len, orders)) for orders in rows]
    offsets = np.cumsum([0, *lines], dtype=np.int64)
    flat = np.fromiter((p for orders in rows for order in orders for p in order), np.int32)
    sizes = [len(order) for orders in rows for order in orders]
    longest = max(map(len, rows), default=0)
    days = [longest - left for orders in rows for left in range(len(orders), 0, -1)]
    numbers = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    times = np.repeat(np.array(days, dtype=np.int64), sizes) * DAY
    dataset = Dataset.from_rows(offsets, flat, n_products)
    until = int(times.max(initial=0)) + 1
    return replace(dataset, orders=numbers, sessions=numbers, times=times, until=until)


def last_orders(past: Dataset, among: Bools) -> tuple[Dataset, Questions]:
    """The past without the last order of those users `among` [users] who have two, and the
    questions for those.
    """  # noqa: D205 (one sentence)
    shoppers = past.shoppers().astype(np.int64)
    lasts = np.full(past.n_shoppers, -1, dtype=np.int64)
    firsts = np.full(past.n_shoppers, -1, dtype=np.int64)
    lasts[shoppers] = past.orders
    firsts[shoppers[::-1]] = past.orders[::-1]
    held = (past.orders == lasts[shoppers]) & (among & (lasts != firsts))[shoppers]
    relevant, offsets = distinct(shoppers[held], past.products[held], past.n_shoppers)
    earlier = past.select(~held)
    return earlier, _asked(earlier, relevant, offsets)


def _questions(past: Dataset, wanted: Sequence[Sequence[int]], source: Path) -> Questions:
    owners = np.repeat(np.arange(len(wanted)), [len(row) for row in wanted])
    products = np.array([product for row in wanted for product in row], dtype=np.int32)
    questions = _asked(past, *distinct(owners, products, len(wanted)))
    if not len(questions):
        raise InputError(f"{source}: none of its users has an order in the future file.")
    return questions


def _asked(past: Dataset, relevant: Ints, offsets: Longs) -> Questions:
    questions = Questions(
        source=past,
        starts=past.offsets[:-1],
        stops=past.offsets[1:],
        relevant=relevant,
        offsets=offsets,
        units=np.arange(past.n_shoppers),
        mask_seen=False,
        limit=LIMIT,
    )
    return questions.take((np.diff(offsets) > 0) & (np.diff(past.offsets) > 0))


def _next(after: Baskets, user: str) -> Sequence[str | int]:
    return next((order for order in after.get(user, ()) if order), ())


def _flat(baskets: Baskets) -> list[str | int]:
    return [item for orders in baskets.values() for order in orders for item in order]


def _decode(path: Path) -> Baskets:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, list[list[str | int]]])
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}.") from error
    except msgspec.MsgspecError as error:
        raise InputError(f"{path}: must be JSON {{user: [[items], ...]}}: {error}.") from error
