"""Co-visits: what shoppers turned to soon after (or before) a product, weighted by distance."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numba import njit
from numpy.typing import NDArray

from splitshelf.core.protocols import Rng
from splitshelf.learn.counting import close_row, finish, new_row, new_table, occurrences, pad
from splitshelf.learn.dataset.dataset import Dataset, Turns
from splitshelf.learn.neighbours import NeighbourModel, Neighbours

Share = Annotated[float, Meta(ge=0, le=1)]
Positive = Annotated[int, Meta(ge=1)]


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How pairs are counted, weighed and kept."""

    reach: Positive = 10
    """How many instants apart a pair may be; the lines of an order share one."""
    longest: Positive = 100
    """How many turns apart at most, so that huge orders do not rule."""
    pairs: Positive = 200_000_000
    """About how many pairs are counted at most: a larger log gets by with a shorter reach."""
    distance_decay: Share = 0.9
    """The weight of a pair is this to the power of (distance - 1); 1 within an order."""
    backward: Share = 0.3
    """What a pair counts for the way back, from the later product to the earlier."""
    source_exponent: Share = 0.4
    """Divides by the turns of the product turned from, to this power."""
    target_exponent: Share = 0.05
    """Divides by the turns of the product turned to, to this power."""
    shrinkage: Annotated[float, Meta(ge=0)] = 1.0
    """Added to that divisor: thin pairs count less."""
    neighbours: Positive = 100
    """How many are kept for each product."""
    decay: Share = 0.52
    """What each step back in the activity leaves of an event's strength."""


def fit(config: Config, dataset: Dataset, rng: Rng) -> NeighbourModel:
    """The co-visits of a dataset; its weight of a pair is count / (n_s^a n_t^b + shrinkage)."""
    del rng
    rows = count(config, dataset.turns(), dataset.n_products)
    return NeighbourModel("covisits", rows, config.decay, msgspec.to_builtins(config))


def restore(arrays: Mapping[str, NDArray[Any]], settings: dict[str, Any]) -> NeighbourModel:
    """The model that these were made from."""
    return NeighbourModel("covisits", Neighbours.restore(arrays), settings["decay"], settings)


def count(config: Config, turns: Turns, n_products: int) -> Neighbours:
    """The kept rows of a dataset's turns."""
    popularity = np.maximum(np.bincount(turns.products, minlength=n_products), 1)
    mean = float(turns.weights.mean()) if len(turns.weights) else 1.0
    roots = np.sqrt(turns.weights / mean, dtype=np.float32)
    reach = max(1, min(config.reach, config.pairs // max(2 * len(turns.products), 1)))
    forward = np.ones(reach + 1, dtype=np.float32)
    forward[1:] = config.distance_decay ** np.arange(reach)
    backward = forward * np.float32(config.backward)
    backward[0] = 1.0
    divisors = (
        (popularity**config.source_exponent).astype(np.float32),
        (popularity**config.target_exponent).astype(np.float32),
        np.float32(config.shrinkage),
    )
    return Neighbours(
        *_count(
            pad(turns.offsets, turns.products, turns.moments, roots),
            occurrences(turns.offsets, turns.products, n_products),
            (forward, backward),
            config.longest,
            divisors,
            config.neighbours,
        )
    )


@njit(cache=True, nogil=True)
def _count(padded, found, kernels, longest, divisors, limit):  # noqa: ANN001, ANN202, PLR0917 (numba infers; flat for speed)
    starts, turns, owners = found
    n = len(starts) - 1
    row = new_row(n)
    table = new_table(n, limit)
    for source in range(n):
        slots = slice(starts[source], starts[source + 1])
        count = _fill_row(source, turns[slots], owners[slots], padded, kernels, longest, row)
        close_row(source, row, count, divisors, table)
    return finish(table)


@njit(cache=True, nogil=True)
def _fill_row(source, turns, owners, padded, kernels, longest, row):  # noqa: ANN001, ANN202, PLR0917 (numba infers; flat for speed, see counting.py)
    sequence, instants, strengths = padded
    codes, values, touched = row
    count = 0
    for slot in range(len(turns)):
        owner = owners[slot] + 1
        place = turns[slot] + owner
        instant, strength = instants[place], strengths[place]
        for step in (1, -1):
            kernel = kernels[0] if step == 1 else kernels[1]
            for at in range(place + step, place + (longest + 1) * step, step):
                product = sequence[at]
                distance = abs(instants[at] - instant)
                if product < 0 or distance >= len(kernel):
                    break
                if product == source:
                    continue
                cell = 4 * product
                if codes[cell] == 0:
                    touched[count] = product
                    count += 1
                if codes[cell] != owner:
                    codes[cell] = owner
                    codes[cell + 1] += 1
                values[cell + 2] += strength * strengths[at] * kernel[distance]
    return count
