"""A population whose true effects are known, and experiments drawn from it.

The same simulated shoppers live through the shop once under each variant, with the same random
numbers. So for each is known what they do under either, and for the population the true effect on
every outcome, exactly. An experiment draws its shoppers with replacement, gives each a new name,
lets the real hash assign it, and sees only what is done under the variant assigned.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
import numpy as np

from splitshelf.core.arrays import Floats
from splitshelf.core.assignment import deal
from splitshelf.core.events import Event
from splitshelf.core.experiments import Experiment
from splitshelf.core.protocols import Rng, Store
from splitshelf.core.slates import Exposure
from splitshelf.prove.aggregation import before_columns, refresh
from splitshelf.prove.measuring import compare
from splitshelf.prove.outcomes import OUTCOMES
from splitshelf.prove.outcomes.outcome import Outcome
from splitshelf.prove.statistics.comparisons import Comparison
from splitshelf.prove.tallies import Tally
from splitshelf.simulate.truth import Aside, Gather, Serve, alone, told

Columns = Mapping[str, Floats]
BEFORE = "before_"
FEWEST = 10
"""An outcome that fewer shoppers of the population have is left out: nothing can be said of it."""


@dataclass(frozen=True, slots=True)
class Population:
    """n shoppers under both variants; each column has one entry a shopper, in the same order."""

    control: Columns
    treatment: Columns
    """With those of before the start, named "before_...", which are the same in both."""

    def __len__(self) -> int:
        return len(self.control["slates"])


def yesterday(
    experiment: Experiment, aside: Aside, gather: Gather, serve: Serve
) -> tuple[Sequence[Event], Sequence[Exposure]]:
    """What the shoppers of `aside` did, and were shown, where all are given the control."""
    everybody = alone(experiment, experiment.control)
    plan = msgspec.structs.replace(everybody, id=f"before-{experiment.id}")
    return told(plan, aside, gather(), serve, _log)


def _log(
    experiment: Experiment, store: Store, until: datetime
) -> tuple[Sequence[Event], Sequence[Exposure]]:
    del experiment
    events = store.latest(store.count())
    return events[::-1], list(store.scan_exposures(until=until))


def populate(experiment: Experiment, aside: Aside, gather: Gather, serve: Serve) -> Population:
    """The shoppers of `aside` under the control and under the last variant."""
    arms = (experiment.variants[0], experiment.variants[-1])
    tallies = [told(alone(experiment, arm), aside, gather(), serve, _with_before) for arm in arms]
    shared = np.intersect1d(tallies[0].units, tallies[1].units)
    control, treatment = (tally.rows(np.isin(tally.units, shared)) for tally in tallies)
    return Population(control, treatment)


def _with_before(experiment: Experiment, store: Store, until: datetime) -> Tally:
    tally = refresh(experiment, store, until)
    before = before_columns(experiment, store, tally)
    named = {BEFORE + name: column for name, column in before.items()}
    return replace(tally, columns={**tally.columns, **named})


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """How one outcome's intervals did over the experiments."""

    truth: float
    """The difference over the whole population."""
    covered: float
    """The share of 95 % intervals that hold it."""
    covered_relative: float
    """The same of the relative difference, among the experiments that gave an interval."""
    found: float
    """The share with p < alpha: the power, or the false positives where there is no effect."""
    spread: float
    """The standard deviation of the estimates."""
    error: float
    """What the intervals take it for, on average."""
    variance_ratio: float | None = None
    """The variance of the estimates over that without CUPED."""
    predicted_ratio: float | None = None
    """1 - rho^2, rho the correlation of the outcome with its past within an arm."""


def covering(
    population: Population,
    experiment: Experiment,
    rng: Rng,
    *,
    experiments: int,
    shoppers: int,
    tick: Callable[[], None] = lambda: None,
) -> dict[str, dict[str, Coverage]]:
    """Outcome -> "plain" and, where the past says something, "cuped" -> how its intervals did.

    Those of `lacking` are not there.
    """
    missing = lacking(population)
    names = [name for name in OUTCOMES if name not in missing]
    results: dict[tuple[str, str], list[Comparison]] = {}
    for number in range(experiments):
        salted = msgspec.structs.replace(experiment, id=f"{experiment.id}-{number}")
        columns = drawn(population, salted, rng, shoppers)
        for name in names:
            for way, seen in _ways(columns).items():
                one = compare(OUTCOMES[name], seen, salted)[experiment.variants[-1].name]
                results.setdefault((name, way), []).append(one)
        tick()
    return {name: _coverages(name, population, results, experiment.alpha) for name in names}


def drawn(
    population: Population, experiment: Experiment, rng: Rng, shoppers: int
) -> dict[str, Columns]:
    """Variant -> the columns of the shoppers that the experiment's hash gives it."""
    who = rng.integers(0, len(population), shoppers)
    names = [variant.name for variant in experiment.variants]
    arm = deal(experiment, [f"{experiment.id}/{number}" for number in range(shoppers)])
    worlds = (population.control, population.treatment)
    return {
        name: {key: column[who[arm == code]] for key, column in world.items()}
        for code, (name, world) in enumerate(zip(names, worlds, strict=True))
    }


def _ways(columns: Mapping[str, Columns]) -> dict[str, Mapping[str, Columns]]:
    """The columns without what was before, and with it."""
    plain = {
        arm: {name: column for name, column in rows.items() if not name.startswith(BEFORE)}
        for arm, rows in columns.items()
    }
    return {"plain": plain, "cuped": columns}


def lacking(population: Population) -> dict[str, int]:
    """Outcome -> how many shoppers of the population have it, where these are too few."""
    counts = {name: _having(outcome, population) for name, outcome in OUTCOMES.items()}
    return {name: count for name, count in counts.items() if count < FEWEST}


def _having(outcome: Outcome, population: Population) -> int:
    """How many shoppers have more than nothing of the outcome, under the poorer variant."""
    worlds = (outcome.values(one) for one in (population.control, population.treatment))
    known = (values[~np.isnan(values).any(axis=1)] for values in worlds)
    return min(int((values[:, 0] != 0).sum()) for values in known)


def _coverages(
    name: str,
    population: Population,
    results: Mapping[tuple[str, str], Sequence[Comparison]],
    alpha: float,
) -> dict[str, Coverage]:
    outcome = OUTCOMES[name]
    base, other = (
        _level(outcome.values(world)) for world in (population.control, population.treatment)
    )
    plain = _summed_up(results[name, "plain"], other - base, other / base - 1, alpha)
    adjusted = results[name, "cuped"]
    if all(one == two for one, two in zip(results[name, "plain"], adjusted, strict=True)):
        return {"plain": plain}
    found = _summed_up(adjusted, other - base, other / base - 1, alpha)
    ratio = (found.spread / plain.spread) ** 2
    predicted = 1 - _explained(outcome, population)
    return {
        "plain": plain,
        "cuped": msgspec.structs.replace(found, variance_ratio=ratio, predicted_ratio=predicted),
    }


def _level(values: Floats) -> float:
    """The outcome of everybody: a mean, or a ratio of means."""
    known = values[~np.isnan(values).any(axis=1)]
    means = known.mean(axis=0)
    return float(means[0] / means[1]) if len(means) == 2 else float(means[0])


def _summed_up(
    comparisons: Sequence[Comparison], truth: float, relative: float, alpha: float
) -> Coverage:
    held = [one.low <= truth <= one.high for one in comparisons]
    bounded = [one for one in comparisons if not np.isnan(one.relative_low)]
    relatively = [one.relative_low <= relative <= one.relative_high for one in bounded]
    return Coverage(
        truth=truth,
        covered=float(np.mean(held)),
        covered_relative=float(np.mean(relatively)) if relatively else float("nan"),
        found=float(np.mean([one.p < alpha for one in comparisons])),
        spread=float(np.std([one.difference for one in comparisons])),
        error=float(np.mean([one.error for one in comparisons])),
    )


def _explained(outcome: Outcome, population: Population) -> float:
    """rho^2 between the linearised outcome and the same before, on average over both variants."""
    found = []
    for world in (population.control, population.treatment):
        past = {name: world[BEFORE + name] for name in outcome.needs}
        pair = [_linear(outcome.values(world)), _linear(outcome.values(past))]
        found.append(float(np.corrcoef(pair[0], pair[1])[0, 1]) ** 2)
    return float(np.mean(found))


def _linear(values: Floats) -> Floats:
    """Per shopper: the value of a mean; of a ratio the numerator less what the ratio expects."""
    if values.shape[1] == 1:
        return values[:, 0]
    return values[:, 0] - _level(values) * values[:, 1]
