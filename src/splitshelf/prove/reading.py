"""One day of the log, as arrays over the shoppers of an experiment."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from splitshelf.core.arrays import Bools, Bytes, Floats, Ints, Longs
from splitshelf.core.clock import DAY, microseconds
from splitshelf.core.columns import EventColumns
from splitshelf.core.context import situation, trait
from splitshelf.core.experiments import INTERLEAVED, Experiment, Kind
from splitshelf.core.machines import sayers, tempo
from splitshelf.core.people import Member, People
from splitshelf.core.protocols import Store
from splitshelf.core.slates import Exposure
from splitshelf.prove.columns import Day

Units: TypeAlias = NDArray[np.uint64]

NEVER = np.iinfo(np.int64).max

CONTEXTS = ("device", "country")
"""The traits of the first exposure that are kept of a shopper; see core.context.TRAITS."""


def unit_of(shopper: str) -> int:
    """A shopper as 64 bits: the same in every experiment, so that two can be laid side by side.

    >>> unit_of("ann") == unit_of("ann") != unit_of("bob")
    True
    """
    return int.from_bytes(blake2b(shopper.encode(), digest_size=8, person=b"splitshelf").digest())


def units_of(shoppers: Iterable[str]) -> Units:
    """Many shoppers as 64 bits each, uint64."""
    return np.array([unit_of(shopper) for shopper in shoppers], dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class Names:
    """Shoppers of the log, and whose they are: from its link on, a linked id is its person's.

    What it did before stays under its own name: that is what the experiment had hashed then.
    """

    own: Units
    """uint64: of each name itself."""
    joint: Units
    """uint64: of its person."""
    since: Longs
    """int64: microseconds UTC of the link."""

    @classmethod
    def of(cls, shoppers: Sequence[str], members: Mapping[str, Member]) -> "Names":
        """The units of some names; `members` are the linked ones of the shop."""
        own = units_of(shoppers)
        joint, since = own.copy(), np.full(len(own), NEVER)
        for code in [code for code, name in enumerate(shoppers) if name in members]:
            member = members[shoppers[code]]
            joint[code], since[code] = unit_of(member.unit), microseconds(member.since)
        return cls(own, joint, since)

    def units(self) -> Units:
        """Every unit that one of the names stands or stood for, sorted."""
        return np.unique(np.concatenate([self.own, self.joint]))

    def places(self, units: Units, name: Ints, at: Longs) -> Longs:
        """Where the unit behind each act of a name stands among `units`; -1 where it does not."""
        own = positions(units, self.own)[name]
        if (self.since == NEVER).all():
            return own
        return np.where(at >= self.since[name], positions(units, self.joint)[name], own)


def members_of(store: Store) -> Mapping[str, Member]:
    """Every linked id of the shop."""
    return People(store.people_changes(0).linked).members


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
    took: Floats
    """float64: milliseconds that it took; nan where nobody timed it."""
    labels: Mapping[str, Sequence[str]]
    """Name of `CONTEXTS` -> what it was for each; empty texts where not known."""
    owners: Mapping[str, Mapping[str, int]]
    """Id of an interleaved exposure -> product -> whose place it had."""
    chance: Floats
    """float64: of the variant, where it changes from day to day; else nan."""
    situations: Sequence[str]
    """What a bandit with contexts dealt by; see core.context.situation."""

    @classmethod
    def of(
        cls,
        exposures: Iterable[Exposure],
        experiment: Experiment,
        members: Mapping[str, Member] | None = None,
    ) -> "Shown":
        """The exposures of the experiment's own variants; others cannot be attributed."""
        code_of = arms_of(experiment)
        coded = [(exposure, code_of(exposure)) for exposure in exposures]
        kept = [exposure for exposure, code in coded if code is not None]
        names = Names.of([one.shopper for one in kept], members or {})
        codes_of: dict[str, int] = {}
        product = [codes_of.setdefault(p.product, len(codes_of)) for one in kept for p in one.slate]
        at = np.array([microseconds(one.at) for one in kept], dtype=np.int64)
        return cls(
            [one.id for one in kept],
            np.where(at >= names.since, names.joint, names.own),
            at,
            np.array([code for _, code in coded if code is not None], dtype=np.int8),
            np.array([len(one.slate) for one in kept], dtype=np.int64),
            np.array(product, dtype=np.int64),
            np.array([one.took for one in kept], dtype=np.float64),
            {name: [trait(one.context, name) for one in kept] for name in CONTEXTS},
            {one.id: owners_of(one) for one in kept if one.teams},
            np.array([one.variant_chance for one in kept], dtype=np.float64),
            [situation(one.context, experiment.contexts) for one in kept],
        )


def arms_of(experiment: Experiment) -> Callable[[Exposure], int | None]:
    """Exposure -> the number of its variant; None for one that does not count.

    On interleaved shelves there is one variant. In a holdout every slate counts, whatever else was
    tried on it, but those that a tester forced.
    """
    if experiment.kind is Kind.INTERLEAVING:
        return lambda one: 0 if one.variant == INTERLEAVED else None
    if experiment.kind is Kind.HOLDOUT:
        return lambda one: _held_or_not(one, experiment.id)
    codes = {variant.name: code for code, variant in enumerate(experiment.variants)}
    return lambda one: codes.get(one.variant or "")


def _held_or_not(exposure: Exposure, holdout: str) -> int | None:
    if exposure.experiment == holdout:
        return 0
    forced = exposure.variant is not None and exposure.experiment is None
    return None if forced else 1


def scope_of(experiment: Experiment) -> str | None:
    """Whose exposures are read: the experiment's own, or (None) all of the shop."""
    return None if experiment.kind is Kind.HOLDOUT else experiment.id


def owners_of(exposure: Exposure) -> Mapping[str, int]:
    """Product -> whose place it had on an interleaved slate."""
    rows = zip(exposure.slate, exposure.teams, strict=True)
    return {place.product: team for place, team in rows}


@dataclass(frozen=True, slots=True)
class Reader:
    """What turns a day of the log into a `Day`."""

    experiment: Experiment
    store: Store
    costs: Mapping[str, float]
    members: Mapping[str, Member] = field(default_factory=dict)
    """The linked ids of the shop."""
    any_experiment: bool = False
    """Whether a click on any slate counts: for plans, which ask before there is an experiment."""

    @property
    def window(self) -> int:
        """Microseconds after the first exposure in which events count."""
        return self.experiment.window_days * DAY or NEVER

    def day(self, units: Units, first: Longs, shown: Shown, events: EventColumns) -> Day:
        """What the units did at or after their first exposure and within the window."""
        names = Names.of(events.shoppers, self.members)
        place = names.places(units, events.shopper, events.at)
        since = events.at - np.append(first, NEVER)[place]  # a stranger stands at the end
        inside = (place >= 0) & (since < self.window)
        mine = np.flatnonzero(inside & (since >= 0))
        actor = np.where(inside, place, -1)  # what came before the slate tells a machine as well
        fullest, hasty = tempo(events.at, events.type, actor, len(units))
        slate = events.exposure[mine]
        ours = np.append(self._ours(events.exposures, shown), False)
        costs = np.array([*(self.costs.get(name, np.nan) for name in events.products), np.nan])
        slates, places, products = self._looked_at(units, first, shown)
        took, timed = self._waited(units, first, shown)
        return Day(
            n=len(units),
            slates=slates,
            positions=places,
            products=products,
            took=took,
            timed=timed,
            shopper=place[mine].astype(np.int32),
            at=events.at[mine],
            since=since[mine],
            type=events.type[mine],
            quantity=events.quantity[mine],
            price=events.price[mine],
            cost=costs[events.product[mine]],
            order=events.order[mine],
            slate=np.where(ours[slate], slate, -1),
            product=events.product[mine],
            fullest=fullest,
            odd=hasty | sayers(events, actor, len(units)),
            team=self._teams(shown, events, mine, ours),
        )

    def _teams(self, shown: Shown, events: EventColumns, mine: Longs, ours: Bools) -> Bytes:
        """Whose place each event's product had, int8 [m]; -1 on ordinary slates."""
        teams = np.full(len(mine), -1, dtype=np.int8)
        if self.experiment.kind is not Kind.INTERLEAVING:
            return teams
        owners = dict(shown.owners)
        for row, event in enumerate(mine.tolist()):
            slate, product = int(events.exposure[event]), int(events.product[event])
            if not ours[slate] or product < 0:
                continue
            name = events.exposures[slate]
            if name not in owners:
                exposure = self.store.exposure(name)
                owners[name] = {} if exposure is None else owners_of(exposure)
            teams[row] = owners[name].get(events.products[product], -1)
        return teams

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

    def _waited(self, units: Units, first: Longs, shown: Shown) -> tuple[Floats, Floats]:
        """Milliseconds that each unit's timed slates took within the window, and their number."""
        place = positions(units, shown.unit)
        seen = (shown.at - first[place] < self.window) & ~np.isnan(shown.took)
        timed = np.bincount(place[seen], minlength=len(units)).astype(np.float64)
        took = np.bincount(place[seen], shown.took[seen], minlength=len(units))
        return took.astype(np.float64), timed

    def _ours(self, names: Sequence[str], shown: Shown) -> Bools:
        """Which of the exposures that events name belong to the experiment, bool [len(names)]."""
        if self.any_experiment:
            return np.ones(len(names), dtype=bool)
        today = set(shown.ids)
        return np.array([name in today or self._is_ours(name) for name in names], dtype=bool)

    def _is_ours(self, name: str) -> bool:
        exposure, scope = self.store.exposure(name), scope_of(self.experiment)
        return exposure is not None and scope in {None, exposure.experiment}


def costs_of(experiment: Experiment, store: Store) -> Mapping[str, float]:
    """Product -> what it costs the shop, where known; read only where margin is measured."""
    measured = {*experiment.outcomes, *experiment.guardrails, experiment.primary}
    if "margin_per_shopper" not in measured:
        return {}
    return {
        product.id: float(product.cost) for product in store.products() if product.cost is not None
    }
