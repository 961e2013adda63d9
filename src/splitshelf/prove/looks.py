"""The looks that an experiment with a plan has taken: each is recorded, none is taken twice."""

from datetime import datetime

import msgspec

from splitshelf.core.experiments import Experiment
from splitshelf.core.protocols import Documents
from splitshelf.prove.statistics import planned_looks
from splitshelf.prove.statistics.comparisons import Comparison

KIND = "experiment-looks"


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen at one planned look."""

    at: datetime
    number: int
    """1 is the first; a look that nobody came for is skipped, its alpha is spent at the next."""
    shoppers: int
    fraction: float
    """Of the planned shoppers, at most 1."""
    bound: float
    """How far |z| must lie out, by the fractions of the looks actually taken."""
    statistics: dict[str, float]
    """Variant -> the z of the primary outcome against the control."""

    def crossed(self, variant: str) -> bool:
        """Whether the variant differs from the control, at this look."""
        return abs(self.statistics[variant]) > self.bound


def taken(experiment: Experiment, store: Documents) -> tuple[Look, ...]:
    """The looks recorded so far, oldest first."""
    body = store.document(KIND, experiment.id)
    return () if body is None else msgspec.json.decode(body, type=tuple[Look, ...])


def look(
    experiment: Experiment,
    store: Documents,
    now: datetime,
    shoppers: int,
    comparisons: dict[str, Comparison],
) -> tuple[Look, ...]:
    """The looks so far, with a new one recorded if one is due.

    Look k of K is due once k / K of the planned shoppers are in. Its bound follows from the
    fractions at which looks were really taken, so that coming late costs nothing.
    """
    before = taken(experiment, store)
    fraction = min(shoppers / experiment.planned_shoppers, 1.0)
    number = int(fraction * experiment.looks + 1e-9)
    if number <= (before[-1].number if before else 0) or _untestable(comparisons):
        return before
    fractions = [*(one.fraction for one in before), fraction]
    bound = planned_looks.bounds(fractions, experiment.alpha / len(comparisons))[-1]
    new = Look(
        at=now,
        number=number,
        shoppers=shoppers,
        fraction=fraction,
        bound=bound,
        statistics={name: one.statistic for name, one in comparisons.items()},
    )
    store.put_document(KIND, experiment.id, msgspec.json.encode((*before, new)))
    return (*before, new)


def _untestable(comparisons: dict[str, Comparison]) -> bool:
    return any(not one.error > 0 for one in comparisons.values())
