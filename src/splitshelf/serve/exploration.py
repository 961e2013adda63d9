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
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from splitshelf.core.arrays import Floats, Ints
from splitshelf.core.protocols import Candidates

Keys = NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_U11, _U27, _U30, _U31 = np.uint64(11), np.uint64(27), np.uint64(30), np.uint64(31)


class Caps(NamedTuple):
    """Limits on how many products of one kind stand on a shelf."""

    kinds: Ints
    """int32 [kinds, catalogue]: what each product counts under; -1 for nothing."""
    rows: Ints
    """int32 [caps]: which row of `kinds` each cap is about."""
    most: Ints
    """int32 [caps]: how many products may share a code."""


_NONE: Ints = np.empty(0, dtype=np.int32)
_NO_CAPS = Caps(np.empty((0, 0), dtype=np.int32), _NONE, _NONE)


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
    pool: Candidates, keys: Keys, n: int, *, seed: int, temperature: float, caps: Caps | None = None
) -> Draw:
    """At most n products of a pool (best first), in a random order whose chances are exact.

    `temperature` is a share of the best score; at 0, or where no score is above 0, the order is
    that of the pool and every propensity is 1. `keys` has one entry a product of the catalogue.
    """
    chosen = np.empty(min(n, len(pool.products)), dtype=np.int32)
    chances = np.empty(len(chosen))
    best = float(pool.scores[0]) if len(pool.scores) else 0.0
    scale = temperature * best if best > 0 else 0.0
    placed = place(
        pool.products,
        pool.scores,
        keys,
        (np.uint64(seed), scale),
        caps or _NO_CAPS,
        (chosen, chances),
    )
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
def place(  # noqa: PLR0917 (a kernel is flat)
    products: Ints,
    scores: Floats,
    keys: Keys,
    noise,  # noqa: ANN001 (the seed, and the temperature in units of the score)
    caps,  # noqa: ANN001 (see Caps)
    out,  # noqa: ANN001 (chosen int32, chances float64)
) -> int:
    """How many positions were filled; writes `chosen` and `chances`. See `draw`."""
    seed, scale = noise
    chosen, chances = out
    size = len(scores)
    utility = np.empty(size)
    weight = np.ones(size)
    for i in range(size):
        utility[i] = scores[i]
        if scale > 0:
            utility[i] = scores[i] / scale + gumbel(seed, np.uint64(keys[products[i]]))
            weight[i] = math.exp((scores[i] - scores[0]) / scale)
    for position in range(len(chosen)):
        best = -1
        for i in range(size):
            if weight[i] >= 0.0 and (best < 0 or utility[i] > utility[best]):
                best = i
        if best < 0:
            return position
        chosen[position] = best
        chances[position] = chance(scores, weight, scale, best) if scale > 0 else 1.0
        weight[best] = -1.0
        close(products, caps, chosen, position, weight)
    return len(chosen)


@njit(cache=True, nogil=True)
def chance(scores: Floats, weight: Floats, scale: float, one: int) -> float:
    """The softmax share of one entry among the open ones, those with a weight of 0 or more."""
    total = 0.0
    for i in range(len(weight)):
        if weight[i] > 0.0:
            total += weight[i]
    if total > 1e-200:
        return weight[one] / total
    top = -np.inf
    for i in range(len(scores)):
        if weight[i] >= 0.0 and scores[i] > top:
            top = scores[i]
    total = 0.0
    for i in range(len(scores)):
        if weight[i] >= 0.0:
            total += math.exp((scores[i] - top) / scale)
    return math.exp((scores[one] - top) / scale) / total


@njit(cache=True, nogil=True)
def close(
    products: Ints,
    caps,  # noqa: ANN001 (as above)
    chosen: Ints,
    position: int,
    weight: Floats,
) -> None:
    """Take out of the race whatever the entry at `position` used up the cap of."""
    kinds, rows, most = caps
    for c in range(len(rows)):
        codes = kinds[rows[c]]
        code = codes[products[chosen[position]]]
        if code < 0:
            continue
        used = 0
        for earlier in range(position + 1):
            if codes[products[chosen[earlier]]] == code:
                used += 1
        if used >= most[c]:
            for i in range(len(weight)):
                if codes[products[i]] == code:
                    weight[i] = -1.0


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
