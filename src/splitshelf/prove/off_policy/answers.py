"""The answer to "what would that policy have earned?", or the refusal to give one."""

from enum import StrEnum

import msgspec

from splitshelf.core.errors import InputError
from splitshelf.prove.off_policy import ESTIMATORS
from splitshelf.prove.off_policy.estimators import Estimate, doubly_robust, weights
from splitshelf.prove.off_policy.gates import Support, refusal, support
from splitshelf.prove.off_policy.logs import Log, Target


class AnswerStatus(StrEnum):
    """Whether there is an answer."""

    OK = "ok"
    REFUSED = "refused"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy would have earned per action."""

    status: AnswerStatus
    why: str
    """One sentence: what it rests on, or why it is refused."""
    logged: Estimate
    """What the log's own policy earned."""
    support: Support
    estimates: dict[str, Estimate]
    """Estimator -> estimate; empty when refused."""


def ask(log: Log, target: Target) -> Answer:
    """The answer of every estimator that applies; refused where the log does not support it.

    Raises InputError for a propensity that is not above 0 and at most 1, or an empty log.
    """
    _check(log)
    found = support(log, target, weights(log, target))
    own = ESTIMATORS["ips"](log, Target(log.propensity))
    why = refusal(found)
    if why is not None:
        return Answer(status=AnswerStatus.REFUSED, why=why, logged=own, support=found, estimates={})
    estimates = {
        name: estimator(log, target)
        for name, estimator in ESTIMATORS.items()
        if target.distribution is not None or estimator is not doubly_robust
    }
    return Answer(
        status=AnswerStatus.OK,
        why=f"{found.n:,} logged actions count as {found.effective:,.1f} of that policy.",
        logged=own,
        support=found,
        estimates=estimates,
    )


def _check(log: Log) -> None:
    if len(log) < 2:
        raise InputError(f"The log holds {len(log)} actions; at least 2 are needed.")
    wrong = ~((log.propensity > 0) & (log.propensity <= 1))
    if wrong.any():
        row = int(wrong.argmax())
        raise InputError(
            f"Row {row + 1}: the propensity is {log.propensity[row]:g}; it must be above 0 and at "
            "most 1."
        )
