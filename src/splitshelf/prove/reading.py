"""One day of the log, as arrays over the shoppers of an experiment."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from splitshelf.core.arrays import Bools, Bytes, Floats, Longs
from splitshelf.core.clock import DAY, microseconds
from splitshelf.core.columns import EventColumns
from splitshelf.core.experiments import Experiment
from splitshelf.core.protocols import Store
from splitshelf.core.slates import Exposure
from splitshelf.prove.columns import Day

Units: TypeAlias = NDArray[np.uint64]

NEVER = np.iinfo(np.int64).max


def unit_of(shopper: str) -> int:
    """A shopper as 64 bits: the same in every experiment, so that two can be laid side by side.

    >>> unit_of("ann") == unit_of("ann") != unit_of("bob")
    True
    """
    return int.from_bytes(blake2b(shopper.encode(), digest_size=8, person=b"splitshelf").digest())


def units_of(shoppers: Iterable[str]) -> Units:
    """Many shoppers as 64 bits each, uint64."""
    return np.array([unit_of(shopper) for shopper in shoppers], dtype=np.uint64)


def positions(units: Units, names: Units) -> Longs:
    """Where each name stands among the sorted units, int64; -1 where it does not."""
    if not len(units):
        return np.full(len(names), -1, dtype=np.int64)
    place = np.minimum(np.searchsorted(units, names), len(units) - 1)
    return np.where(units[place] == names, place, -1)


@dataclass(frozen=True, slots=True)
class Shown:
    """The exposures of a day, oldest first; arrays have one entry an exposure but where said."""

    ids: Sequence[str]
    unit: Units
    at: Longs
    variant: Bytes
    size: Longs
    """int64: places on each."""
    product: Longs
    """int64 [places of all]: a code of the product that stood there."""

    @classmethod
    def of(cls, exposures: Iterable[Exposure], experiment: Experiment) -> "Shown":
        """The exposures of the experiment's own variants; others cannot be attributed."""
        codes = {variant.name: code for code, variant in enumerate(experiment.variants)}
        kept = [exposure for exposure in exposures if exposure.variant in codes]
        names: dict[str, int] = {}
        product = [names.setdefault(p.product, len(names)) for one in kept for p in one.slate]
        return cls(
            [one.id for one in kept],
            units_of(one.shopper for one in kept),
            np.array([microseconds(one.at) for one in kept], dtype=np.int64),
            np.array([codes[one.variant or ""] for one in kept], dtype=np.int8),
            np.array([len(one.slate) for one in kept], dtype=np.int64),
            np.array(product, dtype=np.int64),
        )


@dataclass(frozen=True, slots=True)
class Reader:
    """What turns a day of the log into a `Day`."""

    experiment: Experiment
    store: Store
    costs: Mapping[str, float]
    any_experiment: bool = False
    """Whether a click on any slate counts: for plans, which ask before there is an experiment."""

    @property
    def window(self) -> int:
        """Microseconds after the first exposure in which events count."""
        return self.experiment.window_days * DAY or NEVER

    def day(self, units: Units, first: Longs, shown: Shown, events: EventColumns) -> Day:
        """What the units did at or after their first exposure and within the window."""
        place = positions(units, units_of(events.shoppers))[events.shopper]
        since = events.at - np.append(first, NEVER)[place]  # a stranger stands at the end
        mine = np.flatnonzero((place >= 0) & (since >= 0) & (since < self.window))
        slate = events.exposure[mine]
        ours = np.append(self._ours(events.exposures, shown), False)
        costs = np.array([*(self.costs.get(name, np.nan) for name in events.products), np.nan])
        slates, places, products = self._looked_at(units, first, shown)
        return Day(
            n=len(units),
            slates=slates,
            positions=places,
            products=products,
            shopper=place[mine].astype(np.int32),
            at=events.at[mine],
            since=since[mine],
            type=events.type[mine],
            quantity=events.quantity[mine],
            price=events.price[mine],
            cost=costs[events.product[mine]],
            order=events.order[mine],
            slate=np.where(ours[slate], slate, -1),
        )

    def _looked_at(self, units: Units, first: Longs, shown: Shown) -> tuple[Floats, Floats, Floats]:
        """Slates, places and different products shown to each unit within the window."""
        n = len(units)
        place = positions(units, shown.unit)
        seen = shown.at - first[place] < self.window
        slates = np.bincount(place[seen], minlength=n).astype(np.float64)
        places = np.bincount(place[seen], shown.size[seen], minlength=n).astype(np.float64)
        pairs = np.column_stack([np.repeat(place, shown.size), shown.product])
        pairs = np.unique(pairs[np.repeat(seen, shown.size)], axis=0)
        return slates, places, np.bincount(pairs[:, 0], minlength=n).astype(np.float64)

    def _ours(self, names: Sequence[str], shown: Shown) -> Bools:
        """Which of the exposures that events name belong to the experiment, bool [len(names)]."""
        if self.any_experiment:
            return np.ones(len(names), dtype=bool)
        today = set(shown.ids)
        return np.array([name in today or self._is_ours(name) for name in names], dtype=bool)

    def _is_ours(self, name: str) -> bool:
        exposure = self.store.exposure(name)
        return exposure is not None and exposure.experiment == self.experiment.id


def costs_of(experiment: Experiment, store: Store) -> Mapping[str, float]:
    """Product -> what it costs the shop, where known; read only where margin is measured."""
    measured = {*experiment.outcomes, *experiment.guardrails, experiment.primary}
    if "margin_per_shopper" not in measured:
        return {}
    return {
        product.id: float(product.cost) for product in store.products() if product.cost is not None
    }
