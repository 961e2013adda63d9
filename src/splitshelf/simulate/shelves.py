"""Shelves drawn at random for simulated shoppers, and what any policy earns on them, exactly.

Shoppers have the tastes of the simulated world and read a shelf from the top as in `visits`: each
place is looked at with a chance that falls, and the first click ends the reading. With few products
on few places every order can be enumerated, so the value of a policy is a sum, not an estimate.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations

import msgspec
import numpy as np

from splitshelf.core.arrays import Floats, Longs
from splitshelf.core.protocols import Rng
from splitshelf.prove.off_policy import ESTIMATORS, estimators
from splitshelf.prove.off_policy.answers import ask
from splitshelf.prove.off_policy.logs import Log, Target, fixed, uniform
from splitshelf.prove.off_policy.slates import SLATE_ESTIMATORS, SlateLog, estimate
from splitshelf.simulate.catalogue import catalogue
from splitshelf.simulate.people import people_of
from splitshelf.simulate.visits import CART, KEEPS_LOOKING
from splitshelf.simulate.world import world_of

PLACES = 3
POOL = 6


@dataclass(frozen=True, slots=True)
class Readers:
    """m shoppers before a shelf of `PLACES` places, filled from a pool of `POOL` products."""

    clicks: Floats
    """float64 [m, POOL]: the chance that a product that is looked at is clicked."""
    logged: Floats
    """float64 [m, POOL]: the logits of the policy that serves them: personal."""
    target: Floats
    """float64 [POOL]: those of the policy asked about: the same for everybody."""


def readers(people: int = 200, seed: int = 7) -> Readers:
    """Shoppers of the generated shop before its most appealing products."""
    world = world_of(catalogue(400), seed)
    person = people_of(world)
    best = np.argsort(-world.appeal)[:POOL]
    liking = np.array([person(number).liking[best] for number in range(people)])
    slope, start = CART
    clicks = 1 / (1 + np.exp(-(slope * liking + start + 3.0)))  # a shelf that tempts
    popular = np.log(clicks.mean(axis=0))
    return Readers(clicks, 0.8 * liking, 2.0 * popular)


def orders() -> Longs:
    """All ways to fill the shelf, int64 [orders, PLACES]."""
    return np.array(list(permutations(range(POOL), PLACES)))


def chances(logits: Floats, order: Longs) -> Floats:
    """The Plackett-Luce chance of each place given those above, as the shop draws and logs it.

    Logits [n, POOL] and orders [n, PLACES] give float64 [n, PLACES].
    """
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    taken = np.take_along_axis(weights, order, axis=1)
    above = np.cumsum(taken, axis=1) - taken
    return taken / (weights.sum(axis=1, keepdims=True) - above)


def draw(logits: Floats, rng: Rng) -> Longs:
    """One order for each row of logits, by the largest of logit + Gumbel noise."""
    noisy = logits + rng.gumbel(size=logits.shape)
    return np.argsort(-noisy, axis=1)[:, :PLACES].astype(np.int64)


def read(clicks: Floats, rng: Rng) -> Floats:
    """Where each shopper clicks, 0 or 1, [n, PLACES]; `clicks` are the chances of what stands."""
    looks = rng.random(clicks.shape) < np.array([1.0] + [KEEPS_LOOKING] * (PLACES - 1))
    wanted = rng.random(clicks.shape) < clicks
    reached = np.cumprod(looks, axis=1).astype(bool)
    before = np.cumsum(wanted & reached, axis=1) - (wanted & reached)
    return (wanted & reached & (before == 0)).astype(np.float64)


def earned(clicks: Floats) -> Floats:
    """The chance of a click at each place, float64 [n, PLACES], of a reader from the top."""
    looks = KEEPS_LOOKING ** np.arange(PLACES)
    unclicked = np.cumprod(1 - clicks, axis=1) / (1 - clicks)
    return clicks * looks * unclicked


@dataclass(frozen=True, slots=True)
class Shelves:
    """A log of n shelves."""

    slates: SlateLog
    top: Log
    """The first place alone, as single actions."""
    asked: Target
    """The target policy on the first place."""


def logged(world: Readers, shelves: int, rng: Rng) -> Shelves:
    """A log of so many shelves, each shown to a shopper at random."""
    who = rng.integers(0, len(world.clicks), shelves)
    order = draw(world.logged[who], rng)
    propensity = chances(world.logged[who], order)
    wanted = chances(np.tile(world.target, (shelves, 1)), order)
    reward = read(np.take_along_axis(world.clicks[who], order, axis=1), rng)
    top = Log(order[:, 0], reward[:, 0], propensity[:, 0], np.zeros(shelves, dtype=np.int64))
    share = np.exp(world.target) / np.exp(world.target).sum()
    return Shelves(SlateLog(propensity, wanted, reward), top, fixed(top, share[np.newaxis]))


def truths(world: Readers) -> dict[str, float]:
    """Estimator -> what it is asked for, summed over all shoppers and orders.

    The single-action ones answer for the first place; `whole` and `cascade` for the shelf; the
    `independent` one for a policy that changes one place and keeps what the log shows above it.
    """
    every = orders()
    share = np.exp(world.target) / np.exp(world.target).sum()
    sums = {"top": float((world.clicks * share).sum(axis=1).mean()), "shelf": 0.0, "place": 0.0}
    wanted = chances(np.tile(world.target, (len(every), 1)), every)
    for clicks, logits in zip(world.clicks, world.logged, strict=True):
        gain = earned(clicks[every])
        old = chances(np.tile(logits, (len(every), 1)), every)
        sums["shelf"] += float((wanted.prod(axis=1) * gain.sum(axis=1)).sum())
        sums["place"] += float((old.prod(axis=1)[:, np.newaxis] * wanted / old * gain).sum())
    shelf, place = sums["shelf"] / len(world.clicks), sums["place"] / len(world.clicks)
    singles = dict.fromkeys(ESTIMATORS, sums["top"])
    return singles | {"whole": shelf, "cascade": shelf, "independent": place}


class Covered(msgspec.Struct, frozen=True, kw_only=True):
    """How one estimator did over the logs."""

    truth: float
    covered: float
    """The share of its 95 % intervals that hold the truth."""
    mean: float
    """Of its estimates."""
    spread: float
    """Their standard deviation."""


def covering(
    world: Readers, rng: Rng, *, runs: int, shelves: int, tick: Callable[[], None] = lambda: None
) -> dict[str, Covered]:
    """Estimator -> how its intervals did over so many new logs."""
    truth = truths(world)
    found: dict[str, list[estimators.Estimate]] = {name: [] for name in truth}
    for _ in range(runs):
        log = logged(world, shelves, rng)
        for name, estimator in ESTIMATORS.items():
            found[name].append(estimator(log.top, log.asked))
        for name, weigh in SLATE_ESTIMATORS.items():
            found[name].append(estimate(log.slates, weigh(log.slates)))
        tick()
    return {
        name: Covered(
            truth=truth[name],
            covered=float(np.mean([one.low <= truth[name] <= one.high for one in estimates])),
            mean=float(np.mean([one.value for one in estimates])),
            spread=float(np.std([one.value for one in estimates])),
        )
        for name, estimates in found.items()
    }


def refusals(world: Readers, shelves: int, rng: Rng) -> dict[str, str]:
    """Policies that the log says nothing about -> why there is no answer."""
    log = logged(world, shelves, rng)
    rarest = int(np.bincount(log.top.action, minlength=POOL).argmin())
    steep = np.zeros((1, POOL))
    steep[0, rarest] = 1.0
    few = _first(log.top, shelves // 20)
    asked = {
        "products never shown": (log.top, uniform(log.top, 2 * POOL)),
        "one rare product only": (few, fixed(few, steep)),
        "chances logged wrongly": (_doubled(log.top), log.asked),
    }
    return {name: ask(one, target).why for name, (one, target) in asked.items()}


def _first(log: Log, n: int) -> Log:
    return Log(log.action[:n], log.reward[:n], log.propensity[:n], log.position[:n])


def _doubled(log: Log) -> Log:
    return Log(log.action, log.reward, np.minimum(2 * log.propensity, 1.0), log.position)
