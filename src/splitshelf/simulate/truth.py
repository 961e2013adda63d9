"""The true lift of an experiment: the same shoppers under each variant, in worlds set aside.

Each variant gets a store of its own with the same catalogue and the same past. The same shoppers
come at the same times, with the same random numbers, to a shop where everybody is given that
variant; the outcomes are counted by the code that judges real experiments. What remains of chance
is the choice of these shoppers, and it is told.
"""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np

from splitshelf.collect.stores.opening import open_store
from splitshelf.core.arrays import Floats
from splitshelf.core.events import Event
from splitshelf.core.experiments import Experiment, Variant
from splitshelf.core.products import Product
from splitshelf.core.protocols import Store
from splitshelf.core.slates import Exposure
from splitshelf.prove.aggregation import refresh
from splitshelf.prove.outcomes import OUTCOMES
from splitshelf.prove.tallies import Tally
from splitshelf.serve.rulebook import KIND as RULES
from splitshelf.simulate.engine import Engine, Record
from splitshelf.simulate.schedule import Crowd, Planned
from splitshelf.simulate.visits import Ask

Counted = TypeVar("Counted")

KIND, NAME = "simulation", "truth"
"""Where the document is stored."""


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """What the world knows of an experiment."""

    experiment: str
    lift: dict[str, float]
    """outcome -> treatment over control, less 1."""
    error: dict[str, float]
    """outcome -> the standard error of that lift, from the choice of the shoppers."""
    shoppers: int
    """How many were told twice."""
    how: str
    """One sentence."""


@dataclass(frozen=True, slots=True)
class Aside:
    """What a world set aside begins with."""

    products: Sequence[Product]
    past: Sequence[Event]
    """What the shoppers did before the experiment."""
    visits: Sequence[Planned]
    """Oldest first."""
    until: datetime
    rules: Mapping[str, bytes]
    """The merchandiser's documents, by name: both worlds obey them."""
    shown: Sequence[Exposure] = ()
    """What they were shown before the experiment."""


Serve = Callable[[Store, Experiment], tuple[Ask, Record]]
"""How slates are made from a store while one experiment runs, and how it takes events; what was
shown is stored no later than the next events."""
Gather = Callable[[], Crowd]
"""Shoppers who remember nothing yet."""


def truth_of(experiment: Experiment, aside: Aside, gather: Gather, serve: Serve) -> Truth:
    """The true lift of the last variant over the control."""
    arms = (experiment.variants[0], experiment.variants[-1])
    control, treatment = (told(alone(experiment, arm), aside, gather(), serve) for arm in arms)
    shared = np.intersect1d(control.units, treatment.units)
    lifts = {
        name: lift_of(
            _values(name, control, shared, control.units),
            _values(name, treatment, shared, treatment.units),
        )
        for name in experiment.outcomes
    }
    return Truth(
        experiment=experiment.id,
        lift={name: lift for name, (lift, _) in lifts.items()},
        error={name: error for name, (_, error) in lifts.items()},
        shoppers=len(shared),
        how=f"The same {len(shared):,} simulated shoppers visited the shop twice, once under each "
        "policy, with the same random numbers.",
    )


def alone(experiment: Experiment, arm: Variant) -> Experiment:
    """The experiment had everybody been given one variant."""
    everybody = (msgspec.structs.replace(arm, weight=1.0),)
    return msgspec.structs.replace(experiment, variants=everybody, coverage=1.0)


def told(
    experiment: Experiment,
    aside: Aside,
    crowd: Crowd,
    serve: Serve,
    count: Callable[[Experiment, Store, datetime], Counted] = refresh,
) -> Counted:
    """What each shopper did, counted, in a world where this experiment alone runs."""
    with tempfile.TemporaryDirectory(prefix="splitshelf-") as folder:
        store = open_store("sqlite:///aside.sqlite", Path(folder))
        try:
            store.put_products(aside.products)
            for name, rule in aside.rules.items():
                store.put_document(RULES, name, rule)
            store.append_exposures(aside.shown)
            store.append(aside.past)
            ask, record = serve(store, experiment)
            engine = Engine(record)
            engine.run((crowd.visit(planned, ask) for planned in aside.visits), aside.until)
            record(())
            return count(experiment, store, aside.until)
        finally:
            store.close()


def _values(name: str, tally: Tally, shared: np.ndarray, units: np.ndarray) -> Floats:
    """The outcome of the shared shoppers, float64 [n, 1], or [n, 2] for a ratio."""
    return OUTCOMES[name].values(tally.rows(np.isin(units, shared)))


def lift_of(control: Floats, treatment: Floats) -> tuple[float, float]:
    """The relative lift of paired shoppers, and its standard error by the delta method.

    With r the ratio of means, the variance is that of (t - r c) / mean(c) over n: the pairs share
    their luck, so it is small.

    >>> lift_of(np.array([[1.0], [3.0]]), np.array([[1.5], [4.5]]))
    (0.5, 0.0)
    """
    ratios, parts = [], []
    for values in (treatment, control):
        top, below = values[:, 0], values[:, 1] if values.shape[1] == 2 else np.ones(len(values))
        ratio = float(top.sum() / below.sum())
        ratios.append(ratio)
        parts.append((top - ratio * below) / below.mean() / ratio)
    lift = ratios[0] / ratios[1] - 1
    spread = float((parts[0] - parts[1]).std()) * (1 + lift)
    return lift, spread / len(control) ** 0.5
