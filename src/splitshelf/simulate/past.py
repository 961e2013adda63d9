"""The days before now, told in a hurry: the running experiment as it would have gone so far."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from splitshelf.core.experiments import Experiment
from splitshelf.core.protocols import Store
from splitshelf.serve.rulebook import KIND as RULES
from splitshelf.simulate.counter import InProcess
from splitshelf.simulate.engine import Engine
from splitshelf.simulate.schedule import Planned, plan
from splitshelf.simulate.stage import Stage
from splitshelf.simulate.truth import Aside

_MEAN = 1.4
_KNOWN = 0.35


@dataclass(frozen=True, slots=True)
class Cast:
    """Who came since the experiment began."""

    visits: list[Planned]
    """Oldest first."""
    newest: int
    """The highest number of a shopper among them."""


def cast(stage: Stage, *, shoppers: int, since: datetime, until: datetime, seed: int) -> Cast:
    """A plan of visits; a third of the shoppers have a past, the rest are new."""
    rng = np.random.default_rng((seed, 4))
    old = min(stage.known, round(shoppers * _KNOWN))
    days = (until - since).total_seconds() / 86_400
    numbers = [*rng.permutation(stage.known)[:old].tolist()]
    numbers += range(stage.known, stage.known + shoppers - old)
    visits = plan(numbers, since=since, days=days, mean=_MEAN, rng=rng)
    return Cast(visits, stage.known + shoppers - old)


def tell(stage: Stage, cast: Cast, shop: InProcess, until: datetime) -> int:
    """How many events the visits left."""
    crowd = stage.crowd("p", stage.world.seed + 5)
    visits = (crowd.visit(planned, shop.ask) for planned in cast.visits)
    stored = Engine(shop.record).run(visits, until)
    shop.record(())
    return stored


def aside(stage: Stage, store: Store, cast: Cast, experiment: Experiment, shoppers: int) -> Aside:
    """What worlds set aside begin with: the first `shoppers` of the cast and their past."""
    chosen = list(dict.fromkeys(planned.shopper for planned in cast.visits))[:shoppers]
    some = set(chosen)
    visits = [planned for planned in cast.visits if planned.shopper in some]
    began = experiment.started or cast.visits[0].at
    past = [
        event
        for number in chosen
        if number < stage.known
        for event in store.history(stage.people(number).id, 200)
        if event.at < began
    ]
    return Aside(stage.world.products, past, visits, visits[-1].at, store.documents(RULES))
