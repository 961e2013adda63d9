"""What a policy would have earned on the slates that were really shown, or why nobody can tell."""

from collections.abc import Sequence

import msgspec
import numpy as np

from splitshelf.core.arrays import Floats
from splitshelf.prove.off_policy.answers import AnswerStatus
from splitshelf.prove.off_policy.estimators import Estimate
from splitshelf.prove.off_policy.gates import Support, refusal
from splitshelf.prove.off_policy.replayed import (
    POLICY_ESTIMATORS,
    Replayed,
    estimate_of,
    gain,
    logged,
)
from splitshelf.prove.off_policy.slates import cascade, slate_support

HEADLINE = "doubly_robust"
"""The estimator that the sentence quotes: unbiased, and the calmest of those."""
LEAST_OVERLAP = 0.9
LEAST_REPRODUCED = 0.8
FEWEST = 30
"""Shoppers below which no interval is worth printing."""


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """What one estimator says per slate."""

    estimate: Estimate | None
    """None where this one is refused."""
    gain: Estimate | None
    """Over the log."""
    support: Support
    why: str | None
    """Why it is refused."""


class PolicyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy would have earned per slate."""

    status: AnswerStatus
    why: str
    """One sentence."""
    policy: str
    logged_policy: str
    """The policy whose slates answer."""
    reward: str
    slates: int
    shoppers: int
    places: int
    """The answer is about the first so many places: as deep as the log supports."""
    deepest: int
    """How many places the longest slate has."""
    explored: float
    """The share of places that the log left to chance."""
    overlap: float
    """The share of the policy's choices that the log could have made."""
    reproduced: float
    """The share of the logged slates whose chances the replay reproduces; the others are left out,
    because what the shop was like then is not known well enough."""
    logged: Estimate | None
    """What the log itself earned per slate, on the same places."""
    values: dict[str, Value]
    """Estimator -> value; empty when refused."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks about what."""

    policy: str
    logged_policy: str
    reward: str


def answer(
    question: Question, data: Replayed, common: Floats, reproduced: float = 1.0
) -> PolicyAnswer:
    """The answer at the largest depth that the log supports.

    `common`, [n, k], is the share of the policy's choices that the log could have made; nan beyond
    a slate's end. `reproduced` is the share of the slates that are here at all, 0 to 1.
    """
    shoppers = len(np.unique(data.unit))
    overlap = float(np.nanmean(common)) if common.size else 0.0
    explored = _explored(data, common)
    why = _hopeless(question, shoppers, explored, overlap, reproduced)
    places = 0
    if why is None:
        places, why = _depth(data)
    found = data.upto(places)
    values = {} if why else {name: _value(name, found) for name in POLICY_ESTIMATORS}
    return PolicyAnswer(
        status=AnswerStatus.REFUSED if why else AnswerStatus.OK,
        why=why or _sentence(question, values, found),
        policy=question.policy,
        logged_policy=question.logged_policy,
        reward=question.reward,
        slates=len(data.unit),
        shoppers=shoppers,
        places=places,
        deepest=data.log.reward.shape[1],
        explored=explored,
        overlap=overlap,
        reproduced=reproduced,
        logged=None if why else estimate_of(logged(found), data.unit),
        values=values,
    )


def best(answers: Sequence[PolicyAnswer]) -> PolicyAnswer:
    """The answer to give where several policies were logged: the deepest, then the surest."""
    return max(answers, key=lambda one: (one.status is AnswerStatus.OK, one.places, one.slates))


def _explored(data: Replayed, common: Floats) -> float:
    real = ~np.isnan(common)
    return float((data.log.logged[real] < 1).mean()) if real.any() else 0.0


def _hopeless(
    question: Question, shoppers: int, explored: float, overlap: float, reproduced: float
) -> str | None:
    """What no depth can mend."""
    if reproduced < LEAST_REPRODUCED:
        return (
            f"Only {reproduced:.0%} of the slates of '{question.logged_policy}' can be reproduced, "
            f"at least {LEAST_REPRODUCED:.0%} are needed: the models, rules or products have "
            "changed since. Ask about fewer days."
        )
    if shoppers < FEWEST:
        return (
            f"The log holds slates of {shoppers} shoppers by '{question.logged_policy}', at least "
            f"{FEWEST} are needed. Ask about more days."
        )
    if not explored:
        return (
            f"Nothing on the slates of '{question.logged_policy}' was left to chance, so nothing "
            "can be said about another policy. Set serve.temperature above 0 and wait."
        )
    if overlap < LEAST_OVERLAP:
        return (
            f"{1 - overlap:.0%} of what '{question.policy}' would show, "
            f"'{question.logged_policy}' never could; at most {1 - LEAST_OVERLAP:.0%} is allowed. "
            "Run an experiment, or interleave the two."
        )
    return None


def _depth(data: Replayed) -> tuple[int, str | None]:
    """How many places the log supports; with 0, why not even the first."""
    weights, why = data.weighed(cascade(data.log)), None
    for places in range(data.log.reward.shape[1], 0, -1):
        why = refusal(slate_support(weights[:, :places]))
        if why is None:
            return places, None
    return 0, why


def _value(name: str, data: Replayed) -> Value:
    weigh, use = POLICY_ESTIMATORS[name]
    weights = weigh(data.log)
    support = slate_support(data.weighed(weights))
    why = refusal(support)
    if why is not None:
        return Value(estimate=None, gain=None, support=support, why=why)
    terms = use(data, weights)
    return Value(
        estimate=estimate_of(terms, data.unit),
        gain=gain(terms, logged(data), data.unit),
        support=support,
        why=None,
    )


def _sentence(question: Question, values: dict[str, Value], data: Replayed) -> str:
    found, more = values[HEADLINE].estimate, values[HEADLINE].gain
    if found is None or more is None:
        return "Only some estimators have support; see the table."
    known = "more" if more.low > 0 else "less" if more.high < 0 else "about as much"
    scale, unit = 1000.0, f"{question.reward} per 1,000 slates"
    own = logged(data).value
    return (
        f"'{question.policy}' would have earned {known}: {scale * found.value:,.4g} {unit} "
        f"({scale * found.low:,.4g} to {scale * found.high:,.4g}), "
        f"'{question.logged_policy}' earned {scale * own:,.4g}, on the first "
        f"{data.log.reward.shape[1]} places."
    )
