"""The additive blend: fixed weights, nothing normalised per request, so its reasons are exact."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numba import njit
from numpy.typing import NDArray

from splitshelf.core.activity import Activity
from splitshelf.core.arrays import Bools, Floats, Ints, Longs
from splitshelf.core.context import Context
from splitshelf.core.evidence import Part
from splitshelf.core.protocols import Candidates, Model
from splitshelf.learn.blends.lists import Lists, gather
from splitshelf.learn.dataset.cases import Case
from splitshelf.learn.neighbours import best

_FACTORS = (0.0, 0.25, 0.5, 0.7, 0.85, 1.2, 1.4, 2.0, 4.0)
_WORTH = 1e-3
"""A change must raise NDCG by this share, so that weights do not chase noise."""


ON_PROBATION = ("context", "rising")
"""Parts that say the same to everybody at a moment. They pull all shelves towards the same
products, so each stays only where the held-out cases show beyond doubt that it helps."""
_SURE = 1.96


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the weights are searched."""

    depth: Annotated[int, Meta(ge=1)] = 50
    """How many candidates each part puts forward for each case."""
    rounds: Annotated[int, Meta(ge=1)] = 4
    """Of the coordinate search over the weights; it stops early when none helps."""
    cutoff: Annotated[int, Meta(ge=1)] = 10
    """The search maximises NDCG at this rank."""


@dataclass(frozen=True, slots=True)
class Additive:
    """A sum of models, each times a weight fixed at training."""

    parts: Mapping[str, Model]
    weights: Mapping[str, float]
    """For each part, above 0."""

    @property
    def name(self) -> str:
        """The key of its kind."""
        return "additive"

    def score_all(self, activity: Activity, context: Context) -> Floats:
        """The score of every product, float64 [n products]."""
        terms = [w * self.parts[p].score_all(activity, context) for p, w in self.weights.items()]
        return np.sum(terms, axis=0)

    def score(self, activity: Activity, context: Context, products: Ints) -> Floats:
        """The scores of some products, float64 [len(products)]."""
        return self.score_all(activity, context)[products]

    def candidates(self, activity: Activity, context: Context, n: int) -> Candidates:
        """At most n products with a positive score, best first; ties by index."""
        return best(self.score_all(activity, context), n)

    def evidence(self, activity: Activity, context: Context, product: int) -> tuple[Part, ...]:
        """One part for each event, whatever the models that cite it, then the static ones.

        The part of an event takes its kind, model and detail from the model that adds most.
        """
        return merge(
            msgspec.structs.replace(part, value=weight * part.value)
            for name, weight in self.weights.items()
            for part in self.parts[name].evidence(activity, context, product)
        )

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """Nothing: the parts keep their own."""
        return {}

    def settings(self) -> dict[str, Any]:
        """The weights."""
        return {"weights": dict(self.weights)}


def merge(parts: Iterable[Part]) -> tuple[Part, ...]:
    """The parts with those of one event added up: leaving it out takes away all of them."""
    events: dict[int, list[Part]] = {}
    others = []
    for part in parts:
        if part.event is None:
            others.append(part)
        else:
            events.setdefault(part.event, []).append(part)
    merged = []
    for _, group in sorted(events.items()):
        main = max(group, key=lambda part: abs(part.value))
        total = sum(part.value for part in group)
        approximate = any(part.approximate for part in group)
        merged.append(msgspec.structs.replace(main, value=total, approximate=approximate))
    return tuple(part for part in (*merged, *others) if part.value)


def fit(config: Config, parts: Mapping[str, Model], cases: Sequence[Case]) -> Additive:
    """The blend whose weights give these cases the best NDCG; equal shares without cases."""
    lists = gather(parts, cases, config.depth)
    weights = approved(config, lists, learned(config, lists), list(parts))
    kept = {name: float(w) for name, w in zip(parts, weights, strict=True) if w > 0}
    return Additive({name: parts[name] for name in kept}, kept)


def learned(config: Config, lists: Lists) -> Floats:
    """The weight of each part that these candidates teach, float64 [parts]; 0 where it is none."""
    scales = _scales(lists)
    return search(config, lists, scales) if len(lists.targets) else scales


def approved(config: Config, lists: Lists, weights: Floats, names: Sequence[str]) -> Floats:
    """The weights without the parts on probation that the cases do not speak for, float64 [parts].

    A part stays where the 95 % interval of what it adds to the NDCG of a case, against the best
    weights without it, lies above 0. Without cases nothing is asked.
    """
    for part in ON_PROBATION:
        if part not in names or not len(lists.targets) or not weights[names.index(part)]:
            continue
        silent = lists.scores.copy()
        silent[:, names.index(part)] = 0.0
        others = replace(lists, scores=silent)
        without = learned(config, others)
        gains = ndcgs(lists, weights, config.cutoff) - ndcgs(others, without, config.cutoff)
        if gains.mean() <= _SURE * gains.std() / np.sqrt(len(gains)):
            lists, weights = others, without
    return weights


def restore(
    arrays: Mapping[str, NDArray[Any]], settings: dict[str, Any], parts: Mapping[str, Model]
) -> Additive:
    """The blend that these were read from, over parts that were restored before."""
    del arrays
    weights = settings["weights"]
    return Additive({name: parts[name] for name in weights}, weights)


def rebase(blend: Additive, parts: Mapping[str, Model]) -> Additive:
    """The same weights over parts fitted anew."""
    return Additive({name: parts[name] for name in blend.weights}, blend.weights)


def search(config: Config, lists: Lists, start: Floats) -> Floats:
    """Weights found by changing one at a time while NDCG grows, float64 [parts].

    Deterministic. Scaled at last so that the best score of a case is 1 on average.
    """
    weights = start.copy()
    value = ndcg(lists, weights, config.cutoff)
    for _ in range(config.rounds):
        before = value
        for part in range(len(weights)):
            weights, value = _improve(config, lists, weights, value, part)
        if value <= before:
            break
    return weights * _scales(replace(lists, scores=lists.scores @ weights[:, None]))[0]


def _improve(
    config: Config, lists: Lists, weights: Floats, value: float, part: int
) -> tuple[Floats, float]:
    best_weights = weights
    for factor in _FACTORS:
        trial = weights.copy()
        trial[part] *= factor
        found = ndcg(lists, trial, config.cutoff)
        if found > value * (1.0 + _WORTH):
            best_weights, value = trial, found
    return best_weights, value


def _scales(lists: Lists) -> Floats:
    """One over the mean best score of each part over the cases that it can say something of."""
    filled = np.diff(lists.offsets) > 0
    parts = lists.scores.shape[1]
    if not filled.any():
        return np.ones(parts)
    peaks = np.maximum.reduceat(lists.scores, lists.offsets[:-1][filled], axis=0)
    sums, counts = peaks.sum(axis=0), (peaks > 0).sum(axis=0)
    return np.where(sums > 0, counts / np.maximum(sums, 1e-300), 0.0)


def ndcg(lists: Lists, weights: Floats, cutoff: int) -> float:
    """The mean NDCG at the cutoff that these weights reach; ties count against us."""
    return float(ndcgs(lists, weights, cutoff).sum()) / max(len(lists.targets), 1)


def ndcgs(lists: Lists, weights: Floats, cutoff: int) -> Floats:
    """The NDCG of each case, float64 [cases]."""
    scores = lists.scores @ weights
    return _ndcgs(lists.offsets, scores, lists.wanted, lists.targets, cutoff)


@njit(cache=True, nogil=True)
def _ndcgs(offsets: Longs, scores: Floats, wanted: Bools, targets: Longs, cutoff: int) -> Floats:
    discounts = 1.0 / np.log2(np.arange(2.0, cutoff + 2.0))
    found = np.empty(len(targets))
    for case in range(len(targets)):
        rows = slice(offsets[case], offsets[case + 1])
        gain = _gain(scores[rows], wanted[rows], discounts)
        found[case] = gain / discounts[: targets[case]].sum()
    return found


@njit(cache=True, nogil=True)
def _gain(scores: Floats, wanted: Bools, discounts: Floats) -> float:
    total = 0.0
    for row in range(len(scores)):
        if not wanted[row] or scores[row] <= 0.0:
            continue
        above = 0
        for other in range(len(scores)):
            higher = scores[other] > scores[row]
            tie = scores[other] == scores[row] and (not wanted[other] or other < row)
            above += higher or tie
            if above >= len(discounts):
                break
        if above < len(discounts):
            total += discounts[above]
    return total
