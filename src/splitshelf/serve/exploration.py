"""The last, random step of ranking: Plackett-Luce by Gumbel top-k, with exact propensities.

Product i of the pool has the utility score_i / t + g_i, where g_i is standard Gumbel noise and t is
the temperature times the best score of the pool. Taking the largest utility, then the largest of
the rest, and so on, draws an order from the Plackett-Luce distribution (Yellott 1977; Kool et al.
2019, "Stochastic Beams and Where to Find Them"): at each position, given those before it,

    P(i) = exp(score_i / t) / sum over what remains of exp(score_j / t).

That number is what the exposure log keeps. It stays exact under caps ("at most two of a brand"):
which of the remaining utilities is the largest does not depend on how large the earlier ones were,
so taking products out of the race as a consequence of earlier draws leaves a softmax over what
remains. A product outside the pool has the propensity 0: off-policy estimates can say nothing of a
policy that would show it.

The noise of a product is a hash of the request's seed and the product's id. So a request replays
exactly on any machine, and a counterfactual (the same request without one view) is answered under
the same noise.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import permutations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from splitshelf.core.arrays import Floats, Ints

Keys = NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_U11, _U27, _U30, _U31 = np.uint64(11), np.uint64(27), np.uint64(30), np.uint64(31)

NO_CAPS: Ints = np.empty((0, 0), dtype=np.int32)
NO_LIMITS: Ints = np.empty(0, dtype=np.int32)


@dataclass(frozen=True, slots=True)
class Draw:
    """An order drawn from a pool; both arrays have one entry a position."""

    chosen: Ints
    """int32 [m]: which entry of the pool stands at each position."""
    propensities: Floats
    """float64 [m]: the chance of that entry there, given those before it; 1 where nothing was
    left to chance."""


def seed_of(request_id: str) -> int:
    """The seed of a request: 63 bits, the same on every machine.

    >>> seed_of("r1") == seed_of("r1") != seed_of("r2")
    True
    """
    return int.from_bytes(blake2b(request_id.encode(), digest_size=8).digest(), "big") >> 1


def key_of(product: str) -> int:
    """The 64 bits under which a product draws its noise."""
    return int.from_bytes(blake2b(product.encode(), digest_size=8).digest(), "big")


def draw(
    scores: Floats,
    keys: Keys,
    n: int,
    *,
    seed: int,
    temperature: float,
    caps: Ints = NO_CAPS,
    limits: Ints = NO_LIMITS,
) -> Draw:
    """At most n entries of a pool, in a random order whose chances are exact.

    `temperature` is a share of the best score; at 0, or where no score is above 0, the order is by
    falling score, ties as given, and every propensity is 1. `caps` is int32 [c, pool]: for each
    cap the code that an entry counts under, -1 for none; at most `limits[c]` entries share a code.
    """
    chosen = np.empty(min(n, len(scores)), dtype=np.int32)
    chances = np.empty(len(chosen), dtype=np.float64)
    best = float(scores.max()) if len(scores) else 0.0
    scale = max(temperature * best, 0.0)
    if not len(caps):
        caps = np.empty((0, len(scores)), dtype=np.int32)
    placed = place(scores, keys, np.uint64(seed), scale, caps, limits, chosen, chances)
    return Draw(chosen[:placed], chances[:placed])


@njit(cache=True, nogil=True)
def gumbel(seed: np.uint64, key: np.uint64) -> float:
    """The standard Gumbel noise of one key under one seed (splitmix64 for the bits)."""
    bits = seed ^ key
    for _ in range(2):
        bits = bits + _GOLDEN
        bits = (bits ^ (bits >> _U30)) * _MIX_1
        bits = (bits ^ (bits >> _U27)) * _MIX_2
        bits = bits ^ (bits >> _U31)
    uniform = (float(bits >> _U11) + 0.5) * 2.0**-53
    return -math.log(-math.log(uniform))


@njit(cache=True, nogil=True)
def place(  # noqa: PLR0913, PLR0917 (a kernel is flat: buffers in, buffers out)
    scores: Floats,
    keys: Keys,
    seed: np.uint64,
    scale: float,
    caps: Ints,
    limits: Ints,
    chosen: Ints,
    chances: Floats,
) -> int:
    """How many positions were filled; writes `chosen` and `chances`. See `draw`."""
    size = len(scores)
    utility = np.empty(size)
    open_ = np.ones(size, dtype=np.bool_)
    for i in range(size):
        utility[i] = scores[i] / scale + gumbel(seed, keys[i]) if scale > 0 else scores[i]
    for position in range(len(chosen)):
        best = -1
        for i in range(size):
            if open_[i] and (best < 0 or utility[i] > utility[best]):
                best = i
        if best < 0:
            return position
        chosen[position] = best
        chances[position] = chance(scores, open_, scale, best) if scale > 0 else 1.0
        open_[best] = False
        close(caps, limits, chosen, position, open_)
    return len(chosen)


@njit(cache=True, nogil=True)
def chance(scores: Floats, open_: NDArray[np.bool_], scale: float, one: int) -> float:
    """The softmax share of one entry among the open ones."""
    top = -np.inf
    for i in range(len(scores)):
        if open_[i] and scores[i] > top:
            top = scores[i]
    total = 0.0
    for i in range(len(scores)):
        if open_[i]:
            total += math.exp((scores[i] - top) / scale)
    return math.exp((scores[one] - top) / scale) / total


@njit(cache=True, nogil=True)
def close(caps: Ints, limits: Ints, chosen: Ints, position: int, open_: NDArray[np.bool_]) -> None:
    """Take out of the race whatever the entry at `position` used up the cap of."""
    for c in range(len(limits)):
        code = caps[c, chosen[position]]
        if code < 0:
            continue
        used = 0
        for earlier in range(position + 1):
            if caps[c, chosen[earlier]] == code:
                used += 1
        if used >= limits[c]:
            for i in range(len(open_)):
                if caps[c, i] == code:
                    open_[i] = False


def marginals(scores: Floats, k: int, *, temperature: float) -> Floats:
    """The chance of each entry at each of the first k positions, float64 [k, pool]; no caps.

    By going through every order, so for small k: pool! / (pool - k)! orders.
    """
    size = len(scores)
    scale = temperature * float(scores.max())
    weights = np.exp((scores - scores.max()) / scale)
    table = np.zeros((k, size))
    for order in permutations(range(size), k):
        probability = probability_of(weights, order)
        for position, entry in enumerate(order):
            table[position, entry] += probability
    return table


def probability_of(weights: Floats, order: Sequence[int]) -> float:
    """The Plackett-Luce probability of an order of some of the entries.

    >>> probability_of(np.array([2.0, 1.0, 1.0]), [0, 1])
    0.25
    """
    left = float(weights.sum())
    probability = 1.0
    for entry in order:
        probability *= float(weights[entry]) / left
        left -= float(weights[entry])
    return probability
