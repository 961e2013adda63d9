"""Planned looks: how far the z must lie out at each of them, by O'Brien and Fleming's spending."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import optimize, special

from splitshelf.core.arrays import Floats

FARTHEST = 37.0
"""In standard deviations: beyond lies less than floats can hold."""
LEAST = 1e-290
NODES = 400  # of the quadrature; bounds are then exact to about 1e-10


def spent(fraction: float, alpha: float) -> float:
    """How much of a two-sided alpha may be spent by an information fraction in (0, 1].

    Lan and DeMets (1983): each side spends 2 (1 - Phi(z / sqrt t)) of its alpha / 2.
    """
    z = -special.ndtri(alpha / 4)
    return float(4 * special.ndtr(-z / math.sqrt(min(fraction, 1.0))))


def evenly(looks: int) -> tuple[float, ...]:
    """The information fractions of so many evenly spaced looks.

    >>> evenly(4)
    (0.25, 0.5, 0.75, 1.0)
    """
    return tuple(look / looks for look in range(1, looks + 1))


def bounds(fractions: Sequence[float], alpha: float = 0.05) -> tuple[float, ...]:
    """The z that |z| must exceed at each look; the fractions rise, and need not be those planned.

    >>> [round(bound, 3) for bound in bounds(evenly(5))]
    [4.877, 3.357, 2.68, 2.29, 2.031]
    """
    return _bounds(tuple(float(fraction) for fraction in fractions), alpha)


@dataclass(frozen=True, slots=True)
class _Path:
    """The chance density of the sums that have not crossed yet, at quadrature nodes."""

    at: float
    """The information fraction."""
    sums: Floats
    weights: Floats
    """Density times quadrature weight."""


@lru_cache(maxsize=256)
def _bounds(fractions: tuple[float, ...], alpha: float) -> tuple[float, ...]:
    path = _Path(0.0, np.zeros(1), np.ones(1))
    found: list[float] = []
    before = 0.0
    for fraction in fractions:
        budget = spent(fraction, alpha)
        edge = _edge(path, fraction, budget - before)
        found.append(edge / math.sqrt(fraction))
        path, before = _survivors(path, fraction, edge), budget
    return tuple(found)


def _crossing(path: _Path, fraction: float, edge: float) -> float:
    """The chance to survive until now and then lie beyond +-edge."""
    scale = math.sqrt(fraction - path.at)
    beyond = special.ndtr((path.sums - edge) / scale) + special.ndtr((-edge - path.sums) / scale)
    return float(path.weights @ beyond)


def _edge(path: _Path, fraction: float, budget: float) -> float:
    """The edge beyond which lies a chance of `budget`; searched in logarithms, as it is tiny.

    At the first of fifty looks it is 1e-56; what floats cannot hold is not spent.
    """
    far = FARTHEST * math.sqrt(fraction)
    if budget < LEAST:
        return far

    def excess(edge: float) -> float:
        return math.log(max(_crossing(path, fraction, edge), LEAST)) - math.log(budget)

    return float(optimize.root_scalar(excess, bracket=(0.0, far), xtol=1e-13).root)


def _survivors(path: _Path, fraction: float, edge: float) -> _Path:
    """The density of the sums within +-edge at `fraction`: Armitage, McPherson and Rowe (1969)."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    sums = nodes * edge
    scale = math.sqrt(fraction - path.at)
    gaps = (sums[:, np.newaxis] - path.sums) / scale
    density = np.exp(-0.5 * gaps**2) @ path.weights / (scale * math.sqrt(2 * math.pi))
    return _Path(fraction, sums, density * weights * edge)


def power(fractions: Sequence[float], bounds_of_z: Sequence[float], size: float) -> float:
    """The chance that z crosses a bound when it drifts to `size` at the last look.

    Under a drift the density is that of no drift times a likelihood ratio, so one quadrature does.
    """
    return _crossed(_undecided(fractions, bounds_of_z), size)


def drift(fractions: Sequence[float], bounds_of_z: Sequence[float], wanted: float) -> float:
    """The drift of z at the last look that gives so much power."""
    path = _undecided(fractions, bounds_of_z)
    found = optimize.root_scalar(lambda size: _crossed(path, size) - wanted, bracket=(0.0, 12.0))
    return float(found.root)


def _crossed(path: _Path, size: float) -> float:
    return 1 - float(path.weights @ np.exp(size * path.sums - 0.5 * size**2 * path.at))


def _undecided(fractions: Sequence[float], bounds_of_z: Sequence[float]) -> _Path:
    """The density of the sums that crossed at no look, without a drift."""
    path = _Path(0.0, np.zeros(1), np.ones(1))
    for fraction, bound in zip(fractions, bounds_of_z, strict=True):
        path = _survivors(path, fraction, bound * math.sqrt(fraction))
    return path
