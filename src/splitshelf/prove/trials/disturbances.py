"""What goes wrong around a test: salts, machines, other tests, stock, and shoppers out of reach."""

import math

import numpy as np
from scipy import special

from splitshelf.core.arrays import Bools, Floats
from splitshelf.core.assignment import bucket
from splitshelf.core.protocols import Rng
from splitshelf.prove.aggregation import BUSIEST
from splitshelf.prove.trials.pitfall import ALPHA, Pitfall, means_p, rate

DAYS = 28


def reused_salt(rng: Rng, tests: int) -> Pitfall:
    """An old test left half of the shoppers with a habit; a new one without effect reuses its salt.

    The split is that of the real hash.
    """
    reused, anew = [], []
    for number in range(min(tests, 200)):
        shoppers = [f"s{number}-{place}" for place in range(2000)]
        old = _halves(f"old-{number}", shoppers)
        value = 0.3 * old + rng.normal(size=len(old))
        new = _halves(f"new-{number}", shoppers)
        reused.append(means_p(value[~old], value[old]))
        anew.append(means_p(value[~new], value[new]))
    return rate(
        "false positives of a test after another",
        np.array(reused) < ALPHA,
        np.array(anew) < ALPHA,
        nominal=ALPHA,
    )


def simultaneous(rng: Rng, tests: int) -> Pitfall:
    """Two tests on the same shoppers whose effects cancel by .3: found by the contrast of cells."""
    p = np.array([_contrast_p(rng, -0.3) for _ in range(tests)])
    return rate("interactions of -.3 found", 0.0, p < ALPHA, least=1.0)


def simultaneous_false(rng: Rng, tests: int) -> Pitfall:
    """Two tests that add up: how often the contrast finds an interaction all the same."""
    p = np.array([_contrast_p(rng, 0.0) for _ in range(tests)])
    return rate("false interactions", 0.0, p < ALPHA, nominal=ALPHA)


def machines(rng: Rng, tests: int) -> Pitfall:
    """Machines are .5 % of one arm; the rule leaves out whoever acts too often, in any arm."""
    every, human = [], []
    for _ in range(tests):
        acts = [rng.poisson(rng.gamma(1.0, 4.0, 4000)).astype(np.float64) for _ in range(2)]
        acts[1][rng.random(4000) < 0.005] = 5000.0
        every.append(means_p(*(np.minimum(arm, 1.0) * arm for arm in acts)))
        human.append(means_p(*(arm[arm <= BUSIEST] for arm in acts)))
    return rate(
        "false positives with machines in one arm",
        np.array(every) < ALPHA,
        np.array(human) < ALPHA,
        nominal=ALPHA,
    )


def triggered(rng: Rng, tests: int) -> Pitfall:
    """One shopper in ten reaches the shelf: everybody counted, or those whose slate was logged."""
    every, reached = [], []
    for _ in range(tests):
        arms, exposed = [], []
        for effect in (0.0, 0.145):
            here = rng.random(10_000) < 0.1
            arms.append(rng.normal(size=10_000) + effect * here)
            exposed.append(arms[-1][here])
        every.append(means_p(*arms))
        reached.append(means_p(*exposed))
    return rate(
        "true effects found where one in ten is reached",
        np.array(every) < ALPHA,
        np.array(reached) < ALPHA,
        least=0.89,
    )


def interference(rng: Rng, tests: int) -> Pitfall:
    """A fixed stock: what one variant sells more, the other sells less; then days in turns."""
    split, switched = [], []
    for _ in range(tests):
        gain = 0.006 * np.array([-1.0, 1.0])
        sold = rng.binomial(20_000, 0.05 + gain) / 20_000
        error = math.sqrt(2 * 0.05 * 0.95 / 20_000)
        split.append(2 * special.ndtr(-abs(sold[1] - sold[0]) / error))
        days = rng.permutation(DAYS) < DAYS // 2
        sales = rng.normal(100, 10, DAYS)  # the stock sells out under either variant
        switched.append(means_p(sales[~days], sales[days]))
    return rate(
        "false wins under a fixed stock; switchback by day",
        np.array(split) < ALPHA,
        np.array(switched) < ALPHA,
        nominal=ALPHA,
    )


def _halves(salt: str, shoppers: list[str]) -> Bools:
    return np.array([bucket(salt, shopper) >= 0.5 for shopper in shoppers])


def _contrast_p(rng: Rng, interaction: float) -> float:
    """The two-sided p of the contrast of four cells of 1,000 shoppers."""
    cells: list[Floats] = [
        0.1 * a + 0.1 * b + interaction * a * b + rng.normal(size=1000)
        for a in (0, 1)
        for b in (0, 1)
    ]
    signs = np.array([1.0, -1.0, -1.0, 1.0])
    contrast = float(signs @ [cell.mean() for cell in cells])
    error = math.sqrt(sum(float(cell.var(ddof=1)) / len(cell) for cell in cells))
    return float(2 * special.ndtr(-abs(contrast) / error))
