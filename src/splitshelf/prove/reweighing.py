"""Other weights for an experiment that runs: possible where shoppers keep what they were given.

Whoever came before the change was dealt by the old weights, so the arms then differ in when their
shoppers came. `drift` says whether that moved the result.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
import numpy as np
from scipy import special

from splitshelf.core.arrays import Bools
from splitshelf.core.clock import microseconds
from splitshelf.core.errors import Conflict, InputError, UnknownName
from splitshelf.core.experiments import Experiment, Status
from splitshelf.core.protocols import Documents
from splitshelf.prove.experiments import changes, check_weights, find, record
from splitshelf.prove.outcomes import OUTCOMES
from splitshelf.prove.statistics import ARMS
from splitshelf.prove.statistics.comparisons import Arm
from splitshelf.prove.summaries import summarise
from splitshelf.prove.tallies import Tally

REWEIGHED = "reweighed"
"""What the step is called that changes the weights."""


def reweigh(name: str, weights: Mapping[str, float], store: Documents, now: datetime) -> Experiment:
    """The experiment, dealing newcomers by other weights from now on; all others keep theirs.

    Raises UnknownName, Conflict where it does not run or is not sticky, InputError for weights that
    do not name every variant or do not sum to 1.
    """
    experiment = find(name, store)
    if experiment.status is not Status.RUNNING:
        raise Conflict(f"Experiment '{name}' is {experiment.status}, so it cannot be reweighed.")
    if not experiment.sticky:
        raise Conflict(
            f"'{name}' is not sticky: other weights would move shoppers from one variant to "
            "another. Start a new experiment, with --sticky if its weights shall change."
        )
    names = [variant.name for variant in experiment.variants]
    for wanted in weights:
        if wanted not in names:
            raise UnknownName("variant", wanted, names)
    if len(weights) < len(names):
        raise InputError(f"Give the weight of every variant of '{name}': {', '.join(names)}.")
    variants = tuple(
        msgspec.structs.replace(variant, weight=weights[variant.name])
        for variant in experiment.variants
    )
    changed = msgspec.structs.replace(experiment, variants=variants)
    check_weights(changed)
    record(changed, store, now, REWEIGHED)
    return changed


def stretches(experiment: Experiment, store: Documents) -> list[tuple[int, tuple[float, ...]]]:
    """From when (microseconds UTC) which weights held, oldest first; at least one."""
    found = []
    for step in changes(experiment.id, store):
        weights = tuple(variant.weight for variant in step.plan.variants)
        if not found or found[-1][1] != weights:
            found.append((microseconds(step.at), weights))
    return found or [(0, tuple(variant.weight for variant in experiment.variants))]


def expected(
    experiment: Experiment, store: Documents, tally: Tally, counted: Bools
) -> dict[str, float]:
    """Variant -> its share of the counted shoppers by the weights of when each came."""
    held = stretches(experiment, store)
    came = np.searchsorted([at for at, _ in held], tally.first[counted], "right") - 1
    sizes = np.bincount(np.maximum(came, 0), minlength=len(held))
    weights = np.array([one for _, one in held])
    shares = sizes @ weights / sizes.sum() if sizes.sum() else weights[-1]
    names = [variant.name for variant in experiment.variants]
    return dict(zip(names, shares.tolist(), strict=True))


def drift(experiment: Experiment, store: Documents, tally: Tally, counted: Bools) -> float | None:
    """The least p of all variants that comparing within stretches says what pooling says.

    None where the weights never changed. Hausman (1978): where nothing drifts, both estimate the
    same and the variance of their gap is the difference of their variances.
    """
    held = stretches(experiment, store)
    if len(held) < 2:
        return None
    came = np.searchsorted([at for at, _ in held], tally.first, "right") - 1
    cells = [counted & (np.maximum(came, 0) == number) for number in range(len(held))]
    ps = [
        hausman(
            [
                (_arm(experiment, tally, one, 0), _arm(experiment, tally, one, code))
                for one in cells
            ],
            (_arm(experiment, tally, counted, 0), _arm(experiment, tally, counted, code)),
        )
        for code in range(1, len(experiment.variants))
    ]
    return min(ps)


def hausman(within: Sequence[tuple[Arm, Arm]], pooled: tuple[Arm, Arm]) -> float:
    """The p that a comparison within stretches, added by their size, agrees with the pooled one."""
    told = [(a, b) for a, b in within if math.isfinite(a.error + b.error)]
    total = sum(a.n + b.n for a, b in told)
    if not total:
        return 1.0
    shares = [(a.n + b.n) / total for a, b in told]
    gap = sum(share * (b.value - a.value) for share, (a, b) in zip(shares, told, strict=True))
    spread = sum(
        (share * math.hypot(a.error, b.error)) ** 2
        for share, (a, b) in zip(shares, told, strict=True)
    )
    gap -= pooled[1].value - pooled[0].value
    spread -= math.hypot(pooled[0].error, pooled[1].error) ** 2
    return float(2 * special.ndtr(-abs(gap) / math.sqrt(spread))) if spread > 0 else 1.0


def _arm(experiment: Experiment, tally: Tally, chosen: Bools, code: int) -> Arm:
    outcome = OUTCOMES[experiment.primary]
    summary = summarise(outcome.values(tally.rows(chosen & (tally.variant == code))))
    return ARMS[outcome.kind](summary) if summary.n > 1 else Arm(math.nan, math.nan, summary.n)
