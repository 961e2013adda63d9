"""Item-to-item cosine: products that the same shoppers liked, whatever the order."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numba import njit
from numpy.typing import NDArray

from splitshelf.core.protocols import Rng
from splitshelf.learn.counting import (
    close_row,
    distinct_owners,
    finish,
    new_row,
    new_table,
    occurrences,
)
from splitshelf.learn.dataset.dataset import Dataset, Turns
from splitshelf.learn.neighbours import NeighbourModel, Neighbours


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How similarity is normalised and kept."""

    popularity_exponent: Annotated[float, Meta(ge=0, le=1)] = 0.3
    """Divides by the shoppers of both products, each to this power; 0.5 is the cosine."""
    shrinkage: Annotated[float, Meta(ge=0)] = 1.0
    """Added to that divisor: thin pairs count less."""
    longest: Annotated[int, Meta(ge=2)] = 200
    """The newest turns of a shopper that count, so that robots do not rule."""
    neighbours: Annotated[int, Meta(ge=1)] = 100
    """How many are kept for each product."""
    decay: Annotated[float, Meta(ge=0, le=1)] = 0.6
    """What each step back in the activity leaves of an event's strength."""


def fit(config: Config, dataset: Dataset, rng: Rng) -> NeighbourModel:
    """The similarities of a dataset: common shoppers / ((n_i n_j)^exponent + shrinkage)."""
    del rng
    rows = count(config, dataset.turns(), dataset.n_products)
    return NeighbourModel("item_knn", rows, config.decay, msgspec.to_builtins(config))


def restore(arrays: Mapping[str, NDArray[Any]], settings: dict[str, Any]) -> NeighbourModel:
    """The model that these were made from."""
    return NeighbourModel("item_knn", Neighbours.restore(arrays), settings["decay"], settings)


def count(config: Config, turns: Turns, n_products: int) -> Neighbours:
    """The kept rows of a dataset's turns."""
    found = occurrences(turns.offsets, turns.products, n_products)
    popularity = np.maximum(distinct_owners(found[0], found[2]), 1) ** config.popularity_exponent
    shared = popularity.astype(np.float32)
    divisors = (shared, shared, np.float32(config.shrinkage))
    histories = (turns.offsets, turns.products)
    return Neighbours(*_count(histories, found, divisors, config.longest, config.neighbours))


@njit(cache=True, nogil=True)
def _count(histories, found, divisors, longest, limit):  # noqa: ANN001, ANN202 (numba infers)
    starts, _, owners = found
    n = len(starts) - 1
    row = new_row(n)
    table = new_table(n, limit)
    for source in range(n):
        shoppers = owners[starts[source] : starts[source + 1]]
        count = _fill_row(source, shoppers, histories, longest, row)
        close_row(source, row, count, divisors, table)
    return finish(table)


@njit(cache=True, nogil=True)
def _fill_row(source, shoppers, histories, longest, row):  # noqa: ANN001, ANN202 (numba infers)
    offsets, products = histories
    codes, values, touched = row
    count = 0
    for slot in range(len(shoppers)):
        shopper = shoppers[slot]
        if slot and shopper == shoppers[slot - 1]:
            continue
        first = max(offsets[shopper], offsets[shopper + 1] - longest)
        for turn in range(first, offsets[shopper + 1]):
            product = products[turn]
            cell = 4 * product
            if product == source or codes[cell] == shopper + 1:
                continue
            if codes[cell] == 0:
                touched[count] = product
                count += 1
            codes[cell] = shopper + 1
            codes[cell + 1] += 1
            values[cell + 2] += 1.0
    return count
