"""Every guard in two worlds: where nothing is wrong, and where what it is made for is wrong.

A world is a way to draw the evidence that the guard is shown; the guard itself is the real one.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from splitshelf.core.arrays import Floats
from splitshelf.core.protocols import Rng
from splitshelf.prove.guards import GUARDS
from splitshelf.prove.guards.finding import Evidence, GuardStatus, Interaction
from splitshelf.prove.reweighing import hausman
from splitshelf.prove.statistics import means
from splitshelf.prove.statistics.comparisons import Comparison
from splitshelf.prove.summaries import Summary
from splitshelf.prove.trials.pitfall import SIGMAS

DAYS = 14


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """How often a guard speaks."""

    false_alarms: float
    """The share of sound experiments in which it warns or voids."""
    nominal: float
    """What that share may be at most."""
    found: float
    """The share of broken experiments in which it does."""
    error: float
    """The Monte Carlo error of `false_alarms`."""

    @property
    def holds(self) -> bool:
        """Whether it errs no oftener than it says, to within Monte Carlo error, and finds."""
        return self.false_alarms <= self.nominal + SIGMAS * self.error and self.found >= 0.9


@dataclass(frozen=True, slots=True)
class Worlds:
    """A guard's two worlds: functions that draw the fields of one experiment's evidence."""

    sound: Callable[[Rng], dict[str, Any]]
    broken: Callable[[Rng], dict[str, Any]]
    nominal: float
    """Of warnings and voids together, at one look; 0 for limits that chance does not reach."""


def compared(rng: Rng, effect: float, error: float = 0.045) -> Comparison:
    """A comparison of two drawn arms of 1,000 around 1, with a true difference."""
    n = 1000
    spread = n * error**2 / 2
    arms = [
        Summary(n, np.array([rng.normal(mean, math.sqrt(spread / n))]), np.array([[spread * n]]))
        for mean in (1.0, 1.0 + effect)
    ]
    return means.compare(arms[0], arms[1], 0.05)


def _split(n: int, lost: float) -> Callable[[Rng], dict[str, Any]]:
    """So many shoppers in even arms, of which the second loses a share."""

    def draw(rng: Rng) -> dict[str, Any]:
        control = int(rng.binomial(n, 0.5))
        return {"shoppers": {"a": control, "b": int(rng.binomial(n - control, 1 - lost))}}

    return draw


def _switched(share: float) -> Callable[[Rng], dict[str, Any]]:
    return lambda rng: {"switched": int(rng.binomial(10_000, share))}


def _machines(share: float) -> Callable[[Rng], dict[str, Any]]:
    def draw(rng: Rng) -> dict[str, Any]:
        second = int(rng.binomial(60, share))
        return {"machines": {"a": 60 - second, "b": second}}

    return draw


def _leverage(largest: float) -> Callable[[Rng], dict[str, Any]]:
    """Spending of 2,000 buyers; the last one spends `largest` times the mean."""

    def draw(rng: Rng) -> dict[str, Any]:
        spent = rng.gamma(1.0, 1.0, 2000)
        spent[-1] = max(spent[-1], largest)
        spread: Floats = (spent - spent.mean()) ** 2
        return {"leverage": float(spread.max() / spread.sum())}

    return draw


def _days(effect: Callable[[Floats], Floats]) -> Callable[[Rng], dict[str, Any]]:
    def draw(rng: Rng) -> dict[str, Any]:
        differences = effect(np.arange(DAYS, dtype=np.float64)) + rng.normal(0, 0.03, DAYS)
        return {"daily": [(float(one), 0.03) for one in differences]}

    return draw


def _delay(days: float) -> Callable[[Rng], dict[str, Any]]:
    def draw(rng: Rng) -> dict[str, Any]:
        hours = rng.exponential(24 * days, 500)
        return {"delay": float(np.quantile(hours, 0.9)), "ran": 24.0 * DAYS}

    return draw


def _levels(jump: float) -> Callable[[Rng], dict[str, Any]]:
    """Daily levels with a weekly rhythm; from the eighth day on times `jump`."""

    def draw(rng: Rng) -> dict[str, Any]:
        days = np.arange(DAYS)
        levels = 1 + 0.1 * np.sin(2 * np.pi * days / 7) + rng.normal(0, 0.05, DAYS)
        return {"activity": (levels * np.where(days < 7, 1.0, jump)).tolist()}

    return draw


def _interaction(contrast: float) -> Callable[[Rng], dict[str, Any]]:
    return lambda rng: {"interactions": [Interaction("other", rng.normal(contrast, 0.05), 0.05)]}


def _stretches(moved: float) -> Callable[[Rng], dict[str, Any]]:
    """Two weeks dealt half and half, then nine in ten; in the second everything sells better."""

    def draw(rng: Rng) -> dict[str, Any]:
        cells = [
            [Summary.of((rng.random(n) < rate).astype(float)) for n in sizes]
            for sizes, rate in (((2000, 2000), 0.2), ((400, 3600), 0.2 + moved))
        ]
        within = [(means.arm(a), means.arm(b)) for a, b in cells]
        pooled = tuple(means.arm(first + second) for first, second in zip(*cells, strict=True))
        return {"drift": hausman(within, (pooled[0], pooled[1]))}

    return draw


def _scarce(share: float) -> Callable[[Rng], dict[str, Any]]:
    return lambda rng: {"scarce": float(rng.binomial(2400, share)) / 2400}


def _lift(prior: float, bug: float) -> Callable[[Rng], dict[str, Any]]:
    """True lifts as shelves have them, on top of which a bug adds its own."""

    def draw(rng: Rng) -> dict[str, Any]:
        one = compared(rng, float(rng.normal(0, prior)) + bug)
        return {"primary": "revenue", "outcomes": {"revenue": {"b": one}}}

    return draw


WORLDS: dict[str, Worlds] = {
    "sample_ratio": Worlds(_split(20_000, 0.0), _split(1_000_000, 0.01), 0.01),
    "sequential_sample_ratio": Worlds(_split(20_000, 0.0), _split(400_000, 0.02), 0.05),
    "multiple_exposures": Worlds(_switched(0.005), _switched(0.05), 0.0),
    "bots": Worlds(_machines(0.5), _machines(0.85), 0.001),
    "outliers": Worlds(_leverage(0.0), _leverage(100.0), 0.0),
    "carry_over": Worlds(
        lambda rng: {"before": {"b": compared(rng, 0.0)}},
        lambda rng: {"before": {"b": compared(rng, 0.3)}},
        0.001,
    ),
    "novelty": Worlds(
        _days(lambda days: np.full(len(days), 0.1)),
        _days(lambda days: 0.3 * np.exp(-days / 3)),
        0.01,
    ),
    "delayed": Worlds(_delay(0.5), _delay(4.0), 0.0),
    "instrumentation": Worlds(_levels(1.0), _levels(2.5), 0.0),
    "interactions": Worlds(_interaction(0.0), _interaction(-0.3), 0.01),
    "changed_weights": Worlds(_stretches(0.0), _stretches(0.1), 0.01),
    "interference": Worlds(_scarce(0.05), _scarce(0.5), 0.0),
    "twyman": Worlds(_lift(0.1, 0.0), _lift(0.1, 1.0), 0.0005),
    "self_check": Worlds(
        lambda rng: {"self_check": compared(rng, 0.0)},
        lambda rng: {"self_check": compared(rng, 0.3)},
        0.001,
    ),
    "frozen_plan": Worlds(lambda _: {"edited": ()}, lambda _: {"edited": ("primary",)}, 0.0),
}
"""Guard -> its worlds; a guard without an entry here fails a test."""


def alarm(name: str, rng: Rng, tests: int) -> Alarm:
    """How often one guard speaks in each of its worlds."""
    worlds = WORLDS[name]
    spread = max(worlds.nominal * (1 - worlds.nominal), 0.25 / tests)
    return Alarm(
        false_alarms=_spoken(name, worlds.sound, rng, tests),
        nominal=worlds.nominal,
        found=_spoken(name, worlds.broken, rng, tests),
        error=math.sqrt(spread / tests),
    )


def _spoken(name: str, draw: Callable[[Rng], dict[str, Any]], rng: Rng, tests: int) -> float:
    even = {"shoppers": {"a": 5000, "b": 5000}, "weights": {"a": 0.5, "b": 0.5}}
    found = (GUARDS[name](Evidence(**even | draw(rng))) for _ in range(tests))
    return sum(one is not None and one.status is not GuardStatus.OK for one in found) / tests
