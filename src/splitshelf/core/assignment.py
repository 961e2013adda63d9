"""Who gets which variant: GrowthBook's hash, version 2, so that any of its SDKs agrees with us."""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from splitshelf.core.arrays import Bytes, Floats, Longs
from splitshelf.core.context import Context, situation
from splitshelf.core.days import local_day
from splitshelf.core.experiments import Experiment, Kind, Namespace, Variant

_FNV_OFFSET = 0x811C9DC5
_FNV_PRIME = 0x01000193
_BUCKETS = 10_000
HOLDOUT_SALT = "__holdout"
"""Of every holdout, whatever its share: a smaller one holds out some of the same shoppers."""


def fnv1a32(text: str) -> int:
    """The 32-bit FNV-1a hash of a text, over its code points as in GrowthBook's Python SDK.

    >>> fnv1a32("a")
    3826002220
    """
    value = _FNV_OFFSET
    for character in text:
        value = ((value ^ ord(character)) * _FNV_PRIME) & 0xFFFFFFFF
    return value


def bucket(salt: str, unit: str) -> float:
    """Where a unit falls in [0, 1), in steps of 1/10,000; evenly, and independently of other salts.

    >>> bucket("seed", "a")
    0.0505
    """
    return fnv1a32(str(fnv1a32(salt + unit))) % _BUCKETS / _BUCKETS


def buckets(salt: str, units: Sequence[str]) -> Floats:
    """The `bucket` of many units at once, float64 [n]; eight times as fast.

    >>> buckets("seed", ["a", "b"]).tolist()
    [0.0505, 0.2696]
    """
    first = _hashed(units, fnv1a32(salt))
    return _hashed([str(one) for one in first.tolist()], _FNV_OFFSET) % _BUCKETS / _BUCKETS


def _hashed(texts: Sequence[str], start: int) -> NDArray[np.uint64]:
    """The hash of each text when what stands before it hashes to `start`, uint64 [n]."""
    lengths: Longs = np.array([len(text) for text in texts], dtype=np.int64)
    width = int(lengths.max(initial=1)) or 1
    letters = np.array(texts, dtype=f"U{width}").view(np.uint32).reshape(len(texts), width)
    value = np.full(len(texts), start, dtype=np.uint64)
    for place in range(width):
        mixed = (value ^ letters[:, place]) * np.uint64(_FNV_PRIME) & np.uint64(0xFFFFFFFF)
        value = np.where(place < lengths, mixed, value)
    return value


def bucket_ranges(weights: Sequence[float], coverage: float = 1.0) -> list[tuple[float, float]]:
    """The part of [0, 1) that each variant takes; widening the coverage moves nobody.

    >>> bucket_ranges([0.5, 0.5], coverage=0.5)
    [(0.0, 0.25), (0.5, 0.75)]
    """
    ranges = []
    start = 0.0
    for weight in weights:
        ranges.append((start, start + coverage * weight))
        start += weight
    return ranges


def within(namespace: Namespace, unit: str) -> bool:
    """Whether a unit lies in the slice; by the even hash, unlike GrowthBook's own namespaces."""
    return namespace.low <= bucket("__" + namespace.name, unit) < namespace.high


def within_v1(namespace: Namespace, unit: str) -> bool:
    """Whether a unit lies in the slice by GrowthBook's first hash: only to agree with its SDKs.

    That hash is uneven and correlates from one experiment to the next: never split by it.
    """
    place = fnv1a32(unit + "__" + namespace.name) % 1000 / 1000
    return namespace.low <= place < namespace.high


def first_day(experiment: Experiment) -> int:
    """The first day of a switchback, in days since 1970: the one after its start, to be whole."""
    return local_day(experiment.started, experiment.zone) + 1 if experiment.started else 0


def variant_of_day(experiment: Experiment, day: int) -> Variant | None:
    """What everybody sees on a day of a switchback; None before its first and after its last.

    The days go in pairs; a hash of the experiment and the pair says which of the two is the
    control's.
    """
    place = day - first_day(experiment)
    if experiment.started is None or not 0 <= place < experiment.planned_days:
        return None
    pair, second = divmod(place, 2)
    turned = bucket(experiment.id, f"days {pair}") >= 0.5
    return experiment.variants[second ^ turned]


def in_situation(experiment: Experiment, context: Context | None) -> Experiment:
    """The experiment with the weights that it deals in a situation; most deal everybody alike."""
    if not experiment.deals:
        return experiment
    weights = experiment.deals.get(situation(context, experiment.contexts))
    if weights is None:
        return experiment
    variants = tuple(
        msgspec.structs.replace(variant, weight=weight)
        for variant, weight in zip(experiment.variants, weights, strict=True)
    )
    return msgspec.structs.replace(experiment, variants=variants)


def assign(experiment: Experiment, unit: str) -> Variant | None:
    """The variant of a unit, the same at every call; None where the unit takes no part."""
    if experiment.kind is Kind.HOLDOUT:
        held = bucket(HOLDOUT_SALT, unit) < experiment.control.weight
        return experiment.variants[0 if held else 1]
    if experiment.kind is Kind.SWITCHBACK:
        return variant_of_day(experiment, int(experiment.batch)) if experiment.batch else None
    if experiment.namespace is not None and not within(experiment.namespace, unit):
        return None
    place = bucket(_salt(experiment), unit)
    for variant, (low, high) in zip(experiment.variants, _ranges(experiment), strict=True):
        if low <= place < high:
            return variant
    return None


def deal(experiment: Experiment, units: Sequence[str]) -> Bytes:
    """The number of each unit's variant in a split, int8 [n]; -1 where it takes no part.

    What `assign` says of each, for many at once.
    """
    place = buckets(_salt(experiment), units)
    dealt = np.full(len(units), -1, dtype=np.int8)
    for code, (low, high) in enumerate(_ranges(experiment)):
        dealt[(low <= place) & (place < high)] = code
    if experiment.namespace is not None:
        inside = [within(experiment.namespace, unit) for unit in units]
        dealt[~np.array(inside, dtype=bool)] = -1
    return dealt


def _salt(experiment: Experiment) -> str:
    return f"{experiment.id}:{experiment.batch}" if experiment.batch else experiment.id


def _ranges(experiment: Experiment) -> list[tuple[float, float]]:
    weights = [variant.weight for variant in experiment.variants]
    return bucket_ranges(weights, experiment.coverage)
