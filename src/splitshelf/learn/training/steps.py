"""Steps between the log and the models, each tried on held-out time: weights and fading."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import msgspec
import numpy as np

from splitshelf.core.columns import EventColumns
from splitshelf.core.errors import InputError
from splitshelf.core.events import EVENT_CODES, EventType
from splitshelf.core.protocols import Rng
from splitshelf.learn.blends.additive import ndcg
from splitshelf.learn.blends.lists import gather
from splitshelf.learn.dataset.cases import Case, rests_of_visits
from splitshelf.learn.dataset.dataset import Dataset
from splitshelf.learn.dataset.weights import EVENT_WEIGHTS, table_of
from splitshelf.learn.evaluation.protocols.time_split import time_split
from splitshelf.learn.models import covisits

HALF_LIVES = (365.0, 120.0, 40.0)
"""Days that are tried, the longest first; none is what they must beat."""
WORTH = 0.01
"""A step must raise the NDCG of held-out time by this share, so that it does not chase noise."""
EVENTS = 2_000_000
"""About how many events the trials read at most: of a larger log every k-th shopper."""
CASES = 1_000
SHARE = 0.1
NARROW = 4.0
"""The ends of a learned weight's interval may be this many times apart to be believed."""


@dataclass(frozen=True, slots=True)
class LearnedWeight:
    """What an event of one type was found to be worth, a view being worth 1."""

    type: EventType
    weight: float
    low: float
    """End of the 95 % interval."""
    high: float


Weigh = Callable[[EventColumns, Rng], list[LearnedWeight]]
"""Finds the weights in a log; empty where too few purchases follow."""


class Steps(msgspec.Struct, frozen=True, kw_only=True):
    """What was done to the log before the models saw it."""

    weights: dict[str, float]
    """By type of event, as counted."""
    learned: bool
    """Whether these are the shop's own, not the defaults."""
    half_life: float | None
    """Days; None where old turns count as much as new ones."""
    tried: dict[str, float]
    """NDCG@10 of co-visits on held-out time with each choice; empty where the log is too short."""


def taken(dataset: Dataset, weights: list[LearnedWeight], rng: Rng) -> tuple[Dataset, Steps]:
    """The dataset after its steps, and which these are.

    Learned weights are used where their intervals are narrow and held-out time does not speak
    against them; a half-life only where held-out time speaks for it.
    """
    some = thinned(dataset)
    try:
        past = time_split(some, SHARE).past
    except InputError:
        return dataset, _steps(dataset, {}, learned=False)
    limit = min(CASES, max(200, 20_000_000 // max(dataset.n_products, 1)))
    cases = rests_of_visits(some, past.until, limit=limit, history=50, rng=rng)
    tried = {"as it is": quality(past, cases)}
    learned = False
    if known := believed(weights):
        weighed = replace(past, weights=table_of(known))
        tried["learned weights"] = quality(weighed, cases)
        learned = tried["learned weights"] >= tried["as it is"] * (1 - WORTH)
        if learned:
            dataset, past = replace(dataset, weights=weighed.weights), weighed
    dataset = replace(dataset, half_life=_half_life(past, cases, tried))
    return dataset, _steps(dataset, tried, learned=learned)


def believed(weights: list[LearnedWeight]) -> dict[EventType, float]:
    """The defaults with what was learned in their place; empty where no interval is narrow.

    A purchase, which the others are measured by, weighs at least as much as any of them.
    """
    sure = {
        one.type: one.weight
        for one in weights
        if one.type is not EventType.VIEW and one.low > 0 and one.high <= NARROW * one.low
    }
    if not sure:
        return {}
    most = max(EVENT_WEIGHTS[EventType.PURCHASE], *sure.values())
    return EVENT_WEIGHTS | sure | {EventType.PURCHASE: most}


def thinned(dataset: Dataset) -> Dataset:
    """Every k-th shopper's events, about EVENTS at most."""
    every = -(-len(dataset) // EVENTS)
    if every <= 1:
        return dataset
    return dataset.select(dataset.shoppers() % every == 0)


def quality(past: Dataset, cases: list[Case]) -> float:
    """The NDCG@10 of co-visits of a past on what came after."""
    config = covisits.Config()
    model = covisits.fit(config, past, np.random.default_rng(0))
    return ndcg(gather({"covisits": model}, cases, 50), np.ones(1), 10)


def _half_life(past: Dataset, cases: list[Case], tried: dict[str, float]) -> float:
    chosen, best = np.inf, quality(past, cases)
    span = (int(past.times.max()) - int(past.times.min())) / 86_400_000_000
    for days in HALF_LIVES:
        if days > span:
            continue  # nothing is that old
        found = quality(replace(past, half_life=days), cases)
        tried[f"half-life of {days:g} days"] = found
        if found > best * (1 + WORTH):
            chosen, best = days, found
    return float(chosen)


def _steps(dataset: Dataset, tried: Mapping[str, float], *, learned: bool) -> Steps:
    table = dataset.weights
    return Steps(
        weights={str(kind): float(table[EVENT_CODES[kind]]) for kind in EVENT_WEIGHTS},
        learned=learned,
        half_life=dataset.half_life if np.isfinite(dataset.half_life) else None,
        tried=dict(tried),
    )
