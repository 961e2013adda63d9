"""What each arm would bring to everybody, though it was dealt by situation.

A day's shoppers had known chances that differ by situation, so the arms were shown to different
people. Augmented inverse propensity weighting puts that right: a model of the days before says what
each arm brings in each situation, and the shoppers who got it, weighted by one over their chance,
correct the model. Valid however wrong the model is, because chances are known and the model knows
only the past (Hadad et al. 2021). Chances below the floor do not occur, so weights stay small.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import msgspec
import numpy as np

from splitshelf.core.arrays import Floats
from splitshelf.core.experiments import Experiment
from splitshelf.core.protocols import Documents
from splitshelf.prove.dealing import LEARNERS, linear
from splitshelf.prove.dealing.learner import Lessons

KIND = "bandit-learnt"


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """What one arm would have brought to all the shoppers of a day."""

    value: float
    difference: float
    """From the control."""
    error: float
    """Of the difference."""


class Learnt(msgspec.Struct, frozen=True, kw_only=True):
    """What the learners know; kept as one document, so that a day is learned once."""

    day: int = -1
    """The last day learned, in days since 1970."""
    before: dict[str, bytes] = {}
    """Learner -> its state before that day."""
    after: dict[str, bytes] = {}


def learned(experiment: Experiment, store: Documents) -> Learnt:
    """What the learners of the experiment know by now."""
    body = store.document(KIND, experiment.id)
    return Learnt() if body is None else msgspec.msgpack.decode(body, type=Learnt)


def study(
    experiment: Experiment, day: int, lessons: Lessons, store: Documents, *, again: bool = False
) -> Learnt:
    """What the learners of the experiment know after a day; stored.

    Any process may ask: the day is learned once, and all get the same answer. `again` learns the
    last day anew, with the lessons that came late. Of an earlier day it is too late: then what is
    known comes back as it is.
    """
    known = learned(experiment, store)
    if known.day > day or (known.day == day and not again):
        return known
    before = known.before if known.day == day else known.after
    after = before
    if len(lessons):
        after = {
            one: LEARNERS[one].learn(before.get(one, b""), lessons)
            for one in dict.fromkeys(("linear", experiment.learner))
        }
    found = Learnt(day=day, before=before, after=after)
    store.put_document(KIND, experiment.id, msgspec.msgpack.encode(found))
    return found


def deals(learnt: Learnt, learner: str, arms: int, floor: float, seed: int) -> dict[str, Floats]:
    """Situation -> the weight of each arm, none below `floor`; of every situation that was met."""
    cells = linear.situations(learnt.after.get("linear", b""))
    if not cells:
        return {}
    rng = np.random.default_rng(seed)
    best = LEARNERS[learner].chances(learnt.after[learner], cells, arms, rng)
    return dict(zip(cells, floor + (1 - floor * arms) * best, strict=True))


def levels(lessons: Lessons, learnt: Learnt) -> tuple[tuple[Level, ...], Level]:
    """What each arm would have brought that day, and what was really brought."""
    model = linear.expected(learnt.before.get("linear", b""), lessons.situations, lessons.arms)
    scores = [_scores(lessons, model[:, arm], arm) for arm in range(lessons.arms)]
    return tuple(_level(one, scores[0]) for one in scores), _level(lessons.reward, scores[0])


def _scores(lessons: Lessons, model: Floats, arm: int) -> Floats:
    """What each shopper says of an arm, float64 [n]: their mean is its value, nan without any.

    The correction is normalised by the sum of the weights, so that a shift of the day's level is
    taken up whole; its spread is widened as a sample's variance is.
    """
    given = lessons.arm == arm
    count = int(given.sum())
    if count < 2:
        return np.full(len(lessons), np.nan)
    weight = given / lessons.chance
    misses = lessons.reward - model
    miss = float(weight @ misses / weight.sum())
    widened = math.sqrt(count / (count - 1))
    return model + miss + widened * weight / weight.mean() * (misses - miss)


def _level(scores: Floats, control: Floats) -> Level:
    gaps = scores - control
    n = max(len(gaps), 2)
    return Level(
        value=float(scores.mean()) if len(scores) else math.nan,
        difference=float(gaps.mean()) if len(gaps) else math.nan,
        error=float(gaps.std(ddof=1)) / math.sqrt(n) if len(gaps) > 1 else math.nan,
    )


def turned(level: Level, sign: float) -> Level:
    """The level of an outcome that was learned with its sign turned."""
    return Level(value=sign * level.value, difference=sign * level.difference, error=level.error)


def known(lessons: Lessons) -> Lessons:
    """The shoppers whose chance and reward are known."""
    kept = ~np.isnan(lessons.reward) & (lessons.chance > 0)
    return replace(
        lessons,
        situations=[one for one, keep in zip(lessons.situations, kept, strict=True) if keep],
        arm=lessons.arm[kept],
        chance=lessons.chance[kept],
        reward=lessons.reward[kept],
    )


def together(days: Sequence[tuple[int, Level, Level]]) -> tuple[float, float, float] | None:
    """Control, arm and the error of their difference over days: (shoppers, control, arm) of each.

    Days add up by their shoppers; those on which an arm had nobody say nothing. None without any.
    """
    told = [one for one in days if math.isfinite(one[2].error)]
    total = sum(n for n, _, _ in told)
    if not total:
        return None
    value = sum(n * arm.value for n, _, arm in told) / total
    difference = sum(n * arm.difference for n, _, arm in told) / total
    error = math.hypot(*(n * arm.error for n, _, arm in told)) / total
    return value - difference, value, error
