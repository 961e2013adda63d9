"""Bandits in worlds where the best arm depends on the device, and where no arm is better."""

from dataclasses import dataclass

import numpy as np

from splitshelf.core.arrays import Bytes, Floats
from splitshelf.core.experiments import Experiment
from splitshelf.core.protocols import Rng
from splitshelf.prove.contextual import Learnt, Level, deals, levels, study, together
from splitshelf.prove.dealing.learner import Lessons
from splitshelf.prove.trials.pitfall import ALPHA, Pitfall, means_p, rate

DEVICES = ("phone", "desktop")
PHONES = 0.7
"""The share of shoppers who come by phone."""
DAYS, SIZE = 15, 600
FLOOR = 0.1
DEPENDS = np.array([[0.10, 0.16], [0.20, 0.14]])
"""How many buy, by device and arm: the second arm is better on phones and worse elsewhere."""
ALIKE = np.array([[0.10, 0.10], [0.25, 0.25]])


class Memory:
    """Documents that are gone with the trial."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], bytes] = {}

    def put_document(self, kind: str, name: str, body: bytes) -> None:
        """Keep one."""
        self._kept[kind, name] = body

    def document(self, kind: str, name: str) -> bytes | None:
        """One of them, or None."""
        return self._kept.get((kind, name))

    def documents(self, kind: str) -> dict[str, bytes]:
        """All of a kind."""
        return {name: body for (one, name), body in self._kept.items() if one == kind}

    def delete_document(self, kind: str, name: str) -> bool:
        """Whether there was one."""
        return self._kept.pop((kind, name), None) is not None


@dataclass(frozen=True, slots=True)
class Lived:
    """What a bandit did over its days."""

    lost: float
    """What a shopper brought less than under the best arm for their device, on average."""
    found: tuple[float, float, float]
    """The control's value, the arm's, and the error of their difference."""
    arm: Bytes
    reward: Floats
    """What was dealt to each shopper of all days, and brought by them."""


def live(
    rng: Rng,
    rates: Floats,
    *,
    by_device: bool,
    learner: str = "linear",
    days: int = DAYS,
    size: int = SIZE,
    drift: float = 0.0,
) -> Lived:
    """A bandit of two arms through its days; each day everything sells better by `drift`."""
    store = Memory()
    plan = Experiment(id="trial", variants=(), learner=learner)
    shares: dict[str, Floats] = {}
    told: list[tuple[int, Level, Level]] = []
    arms, rewards, lost = [], [], 0.0
    for day in range(days):
        device = (rng.random(size) > PHONES).astype(np.int64)
        names = [DEVICES[one] if by_device else "" for one in device.tolist()]
        share = np.array([shares.get(name, np.full(2, 0.5)) for name in names])
        arm = (rng.random(size) >= share[:, 0]).astype(np.int8)
        reward = (rng.random(size) < rates[device, arm] + drift * day).astype(np.float64)
        lost += float((rates[device].max(axis=1) - rates[device, arm]).sum())
        lessons = Lessons(names, arm, share[np.arange(size), arm], reward, 2)
        learnt: Learnt = study(plan, day, lessons, store)
        (control, other), _ = levels(lessons, learnt)
        told.append((size, control, other))
        shares = deals(learnt, learner, 2, FLOOR, int(rng.integers(2**31)))
        arms.append(arm)
        rewards.append(reward)
    found = together(told) or (np.nan, np.nan, np.nan)
    return Lived(lost / days / size, found, np.concatenate(arms), np.concatenate(rewards))


def contextual(rng: Rng, tests: int) -> Pitfall:
    """The best arm depends on the device: what is lost without knowing it, and by knowing it.

    Knowing must save more than half.
    """
    runs = max(tests // 20, 5)
    plain, aware = (
        np.array([live(rng, DEPENDS, by_device=by).lost for _ in range(runs)])
        for by in (False, True)
    )
    return Pitfall(
        what="buyers lost a shopper where the best arm depends on the device: by one, by device",
        without=float(plain.mean()),
        guarded=float(aware.mean()),
        nominal=float(plain.mean()) / 2,
        error=float(aware.std()) / runs**0.5,
    )


def contextual_false(rng: Rng, tests: int) -> Pitfall:
    """No arm is better, but phones buy less and days sell more: pooled arms, then by chances."""
    pooled, weighed = [], []
    for _ in range(max(tests // 5, 25)):
        one = live(rng, ALIKE, by_device=True, drift=0.02)
        pooled.append(means_p(one.reward[one.arm == 0], one.reward[one.arm == 1]))
        control, value, error = one.found
        weighed.append(abs(value - control) > 1.959964 * error)
    return rate(
        "false positives of a bandit by device",
        np.array(pooled) < ALPHA,
        np.array(weighed),
        nominal=ALPHA,
    )
