"""How often each way of looking errs, and what it finds: simulated tests with twenty looks."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import numpy as np
from scipy import special

from splitshelf.core.arrays import Bools, Floats
from splitshelf.core.protocols import Rng
from splitshelf.prove.statistics import always_valid, planned_looks
from splitshelf.prove.trials.pitfall import SIGMAS

LOOKS = 20
ARM = 10_000
"""Shoppers an arm at the last look."""
ALPHA = 0.05
SPREAD = 0.95
"""Of the logarithm of what buyers spend."""


class Looking(msgspec.Struct, frozen=True, kw_only=True):
    """What one way of looking does in one kind of world."""

    false_positives: float
    """The share of A/A tests that it calls significant."""
    power: float
    """The share of tests with the planted lift that it finds."""
    looks: float
    """How many looks the tests with a lift take, on average."""


PUBLISHED: dict[str, dict[str, float]] = {
    "one look at the end": {"normal": 0.946, "conversion": 0.881, "revenue": 0.810},
    "Bonferroni": {"normal": 0.765, "conversion": 0.621, "revenue": 0.500},
    "always valid": {"normal": 0.737, "conversion": 0.593, "revenue": 0.463},
    "always valid, tuned to the plan": {"normal": 0.755, "conversion": 0.613, "revenue": 0.479},
    "mSPRT": {"normal": 0.757, "conversion": 0.519, "revenue": 0.133},
    "O'Brien-Fleming": {"normal": 0.931, "conversion": 0.858, "revenue": 0.780},
}
"""Way of looking -> world -> the power that must be reached, measured elsewhere on 2,000 tests."""


def normal(rng: Rng, tests: int, lift: float) -> tuple[Floats, Floats, Floats]:
    """Count, sum and centred squares of batches of normal values, sd 2, [tests, looks, arms]."""
    n = ARM // LOOKS
    shape = (tests, LOOKS, 2)
    mean = np.array([1.0, 1.0 + lift])
    total = n * mean + 2 * np.sqrt(n) * rng.normal(size=shape)
    return np.full(shape, float(n)), total, 4 * rng.chisquare(n - 1, size=shape)


def conversion(rng: Rng, tests: int, lift: float) -> tuple[Floats, Floats, Floats]:
    """Batches of shoppers of whom 5 % buy."""
    n = ARM // LOOKS
    shape = (tests, LOOKS, 2)
    hits = rng.binomial(n, np.array([0.05, 0.05 * (1 + lift)]), size=shape).astype(np.float64)
    return np.full(shape, float(n)), hits, hits * (1 - hits / n)


def revenue(rng: Rng, tests: int, lift: float) -> tuple[Floats, Floats, Floats]:
    """Batches of shoppers of whom 5 % buy for lognormal amounts; the lift is in the buying.

    The amounts spread so that one look at the end finds what it found in the published table.
    """
    n = ARM // LOOKS
    share = np.array([0.05, 0.05 * (1 + lift)])
    shape = (tests, LOOKS, 2)
    buyers = rng.binomial(n, share, size=shape).ravel()
    spent = rng.lognormal(0.0, SPREAD, int(buyers.sum()))
    cell = np.repeat(np.arange(len(buyers)), buyers)
    total, squares = (
        np.bincount(cell, weights, minlength=len(buyers)).astype(np.float64).reshape(shape)
        for weights in (spent, spent**2)
    )
    return np.full(shape, float(n)), total, squares - total**2 / n


WORLDS: dict[str, tuple[Callable[[Rng, int, float], tuple[Floats, Floats, Floats]], float]] = {
    "normal": (normal, 0.1),
    "conversion": (conversion, 0.2),
    "revenue": (revenue, 0.3),
}
"""name -> how its batches are drawn, and the lift that is planted."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What each test shows at each look, from the batches merged so far; float64 [tests, looks]."""

    z: Floats
    """Welch's."""
    error: Floats
    """Of the difference."""
    control: Floats
    """The mean of the control."""


def statistics(n: Floats, total: Floats, squares: Floats) -> Seen:
    """What batches of arms show, merged look by look."""
    batch = total / n
    count, summed = n.cumsum(axis=1), total.cumsum(axis=1)
    mean = summed / count
    within = squares.cumsum(axis=1)
    between = (n * batch**2).cumsum(axis=1) - count * mean**2
    error = np.sqrt(((within + between) / (count - 1) / count).sum(axis=-1))
    return Seen((mean[..., 1] - mean[..., 0]) / error, error, mean[..., 0])


def holds(way: str, world: str, found: Looking, tests: int) -> bool:
    """Whether a way keeps alpha and reaches the published power, to within Monte Carlo error."""
    if way not in PUBLISHED:
        return True  # naive peeking promises nothing
    power = PUBLISHED[way][world]
    error = math.sqrt(ALPHA * (1 - ALPHA) / tests)
    doubt = math.sqrt(power * (1 - power) * (1 / tests + 1 / 2000))
    return found.false_positives <= ALPHA + SIGMAS * error and found.power >= power - SIGMAS * doubt


def ways() -> dict[str, Callable[[Seen], Bools]]:
    """Way of looking -> which looks of which tests are significant, bool [tests, looks]."""
    fixed = float(-special.ndtri(ALPHA / 2))
    last = np.full(LOOKS, np.inf)
    last[-1] = fixed
    shoppers = 2 * ARM * (np.arange(LOOKS) + 1) // LOOKS

    def beyond(bound: Floats | float) -> Callable[[Seen], Bools]:
        return lambda seen: np.asarray(np.abs(seen.z) > bound)

    def sequence(tuning: int) -> Floats:
        return np.array([always_valid.half_width(1.0, int(n), ALPHA, tuning) for n in shoppers])

    return {
        "one look at the end": beyond(last),
        "stop at the first p < .05": beyond(fixed),
        "Bonferroni": beyond(float(-special.ndtri(ALPHA / 2 / LOOKS))),
        "always valid": beyond(sequence(always_valid.TUNING)),
        "always valid, tuned to the plan": beyond(sequence(2 * ARM)),
        "mSPRT": mixture,
        "O'Brien-Fleming": beyond(
            np.array(planned_looks.bounds(planned_looks.evenly(LOOKS), ALPHA))
        ),
    }


def mixture(seen: Seen) -> Bools:
    """Which looks the mixture test stops at, with effects of 10 % of the control expected."""
    prior = 0.1 * np.abs(seen.control)
    width = np.vectorize(always_valid.mixture_half_width)(seen.error, prior, ALPHA)
    return np.asarray(np.abs(seen.z) * seen.error > width)


def trial(rng: Rng, tests: int) -> dict[str, dict[str, Looking]]:
    """Way of looking -> world -> what it does over so many simulated tests."""
    rules = ways()
    found: dict[str, dict[str, Looking]] = {way: {} for way in rules}
    for world, (draw, lift) in WORLDS.items():
        null, true = (statistics(*draw(rng, tests, size)) for size in (0.0, lift))
        for way, rule in rules.items():
            crossed = rule(true)
            found[way][world] = Looking(
                false_positives=float(rule(null).any(axis=1).mean()),
                power=float(crossed.any(axis=1).mean()),
                looks=float(stopped(crossed).mean()),
            )
    return found


def stopped(crossed: Bools) -> Floats:
    """At which look each test stops, 1 the first; the last where it never crosses."""
    first = np.argmax(crossed, axis=1) + 1.0
    return np.where(crossed.any(axis=1), first, crossed.shape[1])
