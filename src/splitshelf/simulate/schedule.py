"""Who comes when: visits over days, with busy hours, regulars and strangers."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from splitshelf.core.arrays import Floats
from splitshelf.core.events import Event
from splitshelf.simulate.diary import Arrival
from splitshelf.simulate.people import People, Person
from splitshelf.simulate.visits import Ask, Memory, Visit, no_shelves
from splitshelf.simulate.world import World

_HOURS = np.array([1, 0.5, 0.3, 0.2, 0.2, 0.4, 1, 2, 3, 4, 4.5, 4.5, 5, 4.5, 4, 4, 4.5, 5, 6, 7.5,
                   8, 7, 5, 2.5])  # fmt: skip


@dataclass(frozen=True, slots=True)
class Planned:
    """One visit to come."""

    shopper: int
    at: datetime
    number: int
    """Counts the visits of a plan."""


def plan(
    shoppers: Sequence[int],
    *,
    since: datetime,
    days: float,
    mean: float | Floats,
    rng: np.random.Generator,
) -> list[Planned]:
    """Visits of some shoppers, oldest first: each comes at least once, `mean` times on average.

    `mean` is one number, at least 1, or one a shopper where some are regulars.
    """
    visits = []
    extra = rng.geometric(1 / np.asarray(mean), len(shoppers))
    for shopper, times in zip(shoppers, extra.tolist(), strict=True):
        visits.extend((shopper, _moment(since, days, rng)) for _ in range(times))
    visits.sort(key=lambda visit: visit[1])
    return [Planned(shopper, at, number) for number, (shopper, at) in enumerate(visits)]


def _moment(since: datetime, days: float, rng: np.random.Generator) -> datetime:
    """A moment within the days, in hours as busy as a shop's."""
    moment = since + timedelta(days=float(rng.random() * days))
    if rng.random() * _HOURS.max() > _HOURS[moment.hour]:
        return _moment(since, days, rng)
    return moment


class Crowd:
    """Shoppers who remember; makes visits out of plans."""

    def __init__(self, world: World, people: People, name: str, seed: int) -> None:
        """`name` begins the ids of the visits: two crowds never share one."""
        self.world, self.people = world, people
        self._name, self._seed = name, seed
        self._memories: dict[int, Memory] = defaultdict(Memory)

    def visit(self, planned: Planned, ask: Ask) -> Visit:
        """A visit that has not begun; the same plan and answers give the same events."""
        person = self.people(planned.shopper)
        seed = (self._seed, planned.shopper, planned.number)
        arrival = Arrival(
            id=f"{self._name}{planned.number}",
            shopper=person.id,
            at=planned.at,
            phone=_comes_by_phone(person, seed),
            seed=seed,
        )
        return Visit(self.world, person, self._memories[planned.shopper], arrival, ask)


def _comes_by_phone(person: Person, seed: tuple[int, ...]) -> bool:
    return bool(np.random.default_rng((*seed, 1)).random() < person.phone)


def history(
    world: World,
    people: People,
    *,
    shoppers: int = 2500,
    days: float = 60,
    until: datetime,
    mean: float = 3.0,
) -> Iterator[Event]:
    """What happened in the days before `until`, when the shop had no shelves; oldest visit first.

    The events of one visit are in order; visits may overlap.
    """
    rng = np.random.default_rng((world.seed, 3))
    since = until - timedelta(days=days)
    crowd = Crowd(world, people, "h", world.seed)
    for planned in plan(range(shoppers), since=since, days=days, mean=mean, rng=rng):
        for batch in crowd.visit(planned, no_shelves).run():
            yield from (event for event in batch if event.at < until)
