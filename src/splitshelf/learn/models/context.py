"""Context: what is wanted more, or less, at such a time, in such a place, on such a device.

For each name of a moment (see `learn.moments`) and each product, the distinct shoppers who turned
to it are compared with as many as its popularity lets expect. A name that is seen too rarely, and
a product that few turned to in it, add nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from splitshelf.core.activity import Activity
from splitshelf.core.arrays import Floats, Ints
from splitshelf.core.circumstances import CIRCUMSTANCES, read_told, told
from splitshelf.core.clock import microseconds
from splitshelf.core.context import Context
from splitshelf.core.evidence import Part, PartKind
from splitshelf.core.protocols import Candidates, Rng
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.ids import Ids
from splitshelf.learn.moments import CROSSED, QUARTER, names_of
from splitshelf.learn.neighbours import NeighbourModel, Neighbours, add_rows, best
from splitshelf.learn.surroundings import Surroundings, surroundings_of

_FIELDS = attrgetter(*CIRCUMSTANCES)


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How sure a difference must be, and how much of it counts."""

    prior: Annotated[float, Meta(gt=0)] = 20.0
    """So many shoppers, as many as expected, are added to both sides of every comparison."""
    deviations: Annotated[float, Meta(ge=0)] = 3.0
    """A count that is off by fewer standard deviations than this is chance."""
    least: Annotated[int, Meta(ge=1)] = 10
    """Distinct shoppers, found or expected, without whom nothing is said."""
    exponent: Annotated[float, Meta(gt=0, le=1)] = 0.5
    """Power of the popularity, as that of `popular`."""
    kept: Annotated[int, Meta(ge=1)] = 1_000
    """Products kept for each name, those that it changes most."""
    turns: Annotated[int, Meta(ge=1000)] = 5_000_000
    """About how many turns are counted at most: of a larger log every k-th shopper's."""


@dataclass(frozen=True)
class ContextModel:
    """For each name of a moment, what it adds to the scores of some products."""

    names: Sequence[str]
    """The names that say anything, in the order of the rows."""
    rows: Neighbours
    """What each of them adds; may be below 0."""
    n: int
    """How many products there are."""
    zone: str
    """By whose clocks it is evening."""
    configuration: dict[str, Any]

    @property
    def name(self) -> str:
        """The key of its kind."""
        return "context"

    @cached_property
    def codes(self) -> Mapping[str, int]:
        """The row of each name."""
        return {name: code for code, name in enumerate(self.names)}

    def active(self, context: Context) -> Ints:
        """The rows that a moment and its circumstances read, int32, rising; none twice."""
        return self._known(microseconds(context.at) // QUARTER, *_FIELDS(context))

    @cached_property
    def _known(self) -> Callable[..., Ints]:
        return lru_cache(4096)(self._read)

    def _read(self, quarter: int, *values: str | None) -> Ints:
        said = read_told(told(dict(zip(CIRCUMSTANCES, values, strict=True))))
        names = names_of(quarter, self.zone, said)
        return np.array(sorted(self.codes[n] for n in names if n in self.codes), dtype=np.int32)

    def score_all(self, activity: Activity, context: Context) -> Floats:
        """The score of every product, float64 [n products]."""
        del activity
        scores = np.zeros(self.n)
        active = self.active(context)
        table = (self.rows.offsets, self.rows.products, self.rows.weights)
        add_rows(table, active, np.ones(len(active)), scores)
        return scores

    def score(self, activity: Activity, context: Context, products: Ints) -> Floats:
        """The scores of some products, float64 [len(products)]."""
        return self.score_all(activity, context)[products]

    def candidates(self, activity: Activity, context: Context, n: int) -> Candidates:
        """At most n products with a positive score, best first; ties by index."""
        return best(self.score_all(activity, context), n)

    def evidence(self, activity: Activity, context: Context, product: int) -> tuple[Part, ...]:
        """One part for each name of the moment that says something of the product."""
        del activity
        found = ((row, self.rows.entry(row, product)) for row in self.active(context).tolist())
        return tuple(self._part(row, entry) for row, entry in found if entry >= 0)

    def _part(self, row: int, entry: int) -> Part:
        return Part(
            kind=PartKind.CONTEXT,
            model=self.name,
            value=float(self.rows.weights[entry]),
            detail=self.names[row],
            supporters=int(self.rows.supporters[entry]),
        )

    def behind_products(self) -> NeighbourModel:
        """The rows as neighbours that do not fade, behind one empty row for each product."""
        rows = self.rows
        offsets = np.concatenate((np.zeros(self.n, dtype=np.int64), rows.offsets))
        shifted = Neighbours(offsets, rows.products, rows.weights, rows.supporters)
        return NeighbourModel(self.name, shifted, 1.0, {})

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """The rows and their names."""
        names = Ids.of(self.names).arrays()
        return {**self.rows.arrays(), **{f"name_{key}": array for key, array in names.items()}}

    def settings(self) -> dict[str, Any]:
        """The configuration that it was fitted with, the clocks and the number of products."""
        return {**self.configuration, "zone": self.zone, "products": self.n}


def fit(config: Config, dataset: Dataset, rng: Rng) -> ContextModel:
    """What each name adds: p^e ((c + prior) / (expected + prior))^e - p^e.

    p is the popularity as a share of the most popular, c the shoppers who turned to the product
    under that name, and expected what its share of all such shoppers is elsewhere. Names that go
    together are compared with what each of them says alone.
    """
    del rng
    around = surroundings_of(dataset, config.turns)
    liked = (around.popularity / max(float(around.popularity.max(initial=0.0)), 1.0)) ** (
        config.exponent
    )
    names, rows = [], []
    for name, counted, expected in _compared(config, around):
        row = _row(config, counted, expected, liked)
        if len(row[0]):
            names.append(name)
            rows.append(row)
    sizes = [len(products) for products, _, _ in rows]
    flat = zip(*rows, strict=True) if rows else ([], [], [])
    products, weights, supporters = (np.concatenate([[], *column]) for column in flat)
    table = Neighbours(
        np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
        products.astype(np.int32),
        weights.astype(np.float32),
        supporters.astype(np.int32),
    )
    settings = msgspec.to_builtins(config)
    return ContextModel(names, table, dataset.n_products, dataset.zone, settings)


def restore(arrays: Mapping[str, NDArray[Any]], settings: dict[str, Any]) -> ContextModel:
    """The model that these were made from."""
    ids = Ids(arrays["name_text"], arrays["name_offsets"], arrays["name_slots"])
    settings = dict(settings)
    n, zone = settings.pop("products"), settings.pop("zone")
    return ContextModel(list(ids), Neighbours.restore(arrays), n, zone, settings)


def _compared(config: Config, around: Surroundings) -> Iterator[tuple[str, Floats, Floats]]:
    """Each name, the shoppers who turned to each product under it, and how many to expect."""
    alone: dict[str, NDArray[np.float32]] = {}
    parted = {"weekday", *(dimension for pair in CROSSED for dimension in pair)}
    for dimension in around.dimensions:
        for code, name in enumerate(dimension.names):
            counted, expected = dimension.compared(code)
            if dimension.name in parted:
                lifts = (counted + config.prior) / (expected + config.prior)
                alone[name] = lifts.astype(np.float32)
            for part in dimension.within[code]:
                expected = expected * alone.get(part, 1.0)
            yield name, counted, expected


def _row(
    config: Config, counted: Floats, expected: Floats, liked: Floats
) -> tuple[Ints, Floats, Floats]:
    """The products that a name changes most, by how much, and how many shoppers say so."""
    sure = np.abs(counted - expected) >= config.deviations * np.sqrt(expected + 1.0)
    heard = np.where(counted > expected, counted, expected) >= config.least
    products = np.flatnonzero(sure & heard)
    lift = (counted[products] + config.prior) / (expected[products] + config.prior)
    values = liked[products] * (lift**config.exponent - 1.0)
    order = np.argsort(-np.abs(values), kind="stable")[: config.kept]
    order = np.sort(order[values[order] != 0.0])
    return products[order].astype(np.int32), values[order], counted[products[order]]
