"""The verdict on a switchback: days are compared in pairs, once all of the plan have ended."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from scipy import special

from splitshelf.core.experiments import Experiment
from splitshelf.core.protocols import Store
from splitshelf.prove.decisions import Question, decide, one_look, planned, smallest
from splitshelf.prove.gathering import edited
from splitshelf.prove.guards.finding import Evidence, Finding, GuardStatus
from splitshelf.prove.guards.frozen_plan import frozen_plan
from splitshelf.prove.many import adjust
from splitshelf.prove.outcomes import OUTCOMES
from splitshelf.prove.sentences import explain
from splitshelf.prove.statistics.comparisons import Arm, Comparison, welch
from splitshelf.prove.switchbacks import (
    Pairs,
    SwitchbackDay,
    ended_days,
    flip_p,
    paired,
    pairs_of,
)
from splitshelf.prove.verdict import Guardrail, Method, Verdict

VOID_BELOW, WARN_BELOW = 0.001, 0.01
STRAYS = 0.01
"""The share of slates of another variant than the day's above which something is wrong."""


def judge_switchback(experiment: Experiment, store: Store, now: datetime) -> Verdict:
    """The verdict on the days that ended; undecided before the last one of the plan has."""
    names = (experiment.primary, *experiment.outcomes, *experiment.guardrails)
    measured = tuple(dict.fromkeys(names))
    days = ended_days(experiment, store, now, measured)
    pairs = {name: pairs_of(days, name) for name in measured}
    variant = experiment.variants[1].name
    found = {name: paired(one, experiment.alpha) for name, one in pairs.items()}
    outcomes = {name: {variant: one} for name, one in found.items()}
    primary = outcomes[experiment.primary]
    question = _question(experiment, len(days))
    standings = one_look(primary, question) if question.complete else planned(primary, question, ())
    guardrails = {
        name: {variant: _safe(found[name], len(pairs[name].control), experiment, name)}
        for name in experiment.guardrails
    }
    guards = _guards(experiment, store, days, pairs[experiment.primary])
    decision, why, winner = decide(question, standings, guardrails, guards)
    counted = [sum(one.variant == code for one in days) for code in (0, 1)]
    return Verdict(
        experiment=experiment.id,
        at=now,
        decision=decision,
        why=why,
        detail=explain(experiment.primary, primary, standings, Method.ONE_LOOK)
        + _unit(experiment, days, pairs[experiment.primary]),
        winner=winner,
        primary=experiment.primary,
        control=experiment.control.name,
        alpha=experiment.alpha,
        method=Method.ONE_LOOK,
        shoppers={experiment.control.name: counted[0], variant: counted[1]},
        outcomes=outcomes,
        standings=standings,
        guardrails=guardrails,
        guards=guards,
        adjusted=adjust(outcomes, {experiment.primary, *experiment.guardrails}),
        detectable=smallest(outcomes, experiment.alpha),
        unit="day",
    )


def _question(experiment: Experiment, days: int) -> Question:
    outcome = OUTCOMES[experiment.primary]
    return Question(
        title=outcome.title,
        control=experiment.control.name,
        alpha=experiment.alpha,
        higher_is_better=outcome.higher_is_better,
        complete=days >= experiment.planned_days,
        titles={name: OUTCOMES[name].title for name in experiment.guardrails},
    )


def _unit(experiment: Experiment, days: Sequence[SwitchbackDay], pairs: Pairs) -> str:
    """What n is, and what the flips of the pairs say by themselves."""
    chance = flip_p(pairs, np.random.default_rng(len(days)))
    flips = f"; by the flips of the pairs alone p = {chance:.4g}" if len(pairs.control) else ""
    return (
        f" The unit is the day: n = {len(days)} of {experiment.planned_days} days "
        f"({len(pairs.control)} pairs), with {sum(one.shoppers for one in days):,} visits by "
        f"shoppers and day{flips}."
    )


def _safe(one: Comparison, pairs: int, experiment: Experiment, name: str) -> Guardrail:
    """Whether a loss of the margin is ruled out, by a one-sided t over pairs."""
    margin, sign = experiment.guardrails[name], 1 if OUTCOMES[name].higher_is_better else -1
    if not one.error > 0:
        return Guardrail(margin=margin, safe=False, harmed=False, p=1.0)
    t = (sign * one.difference + margin * abs(one.control)) / one.error
    p = float(special.stdtr(pairs - 1, -t))
    harmed = sign * one.difference < 0 and one.p < experiment.alpha
    return Guardrail(margin=margin, safe=p < experiment.alpha, harmed=harmed, p=p)


def _guards(
    experiment: Experiment, store: Store, days: Sequence[SwitchbackDay], pairs: Pairs
) -> dict[str, Finding]:
    plan = frozen_plan(Evidence({}, {}, edited=edited(experiment, store)))
    found = {"frozen_plan": plan, "carry_over": carried(pairs), "one_variant_a_day": kept(days)}
    return {name: one for name, one in found.items() if one is not None}


def carried(pairs: Pairs) -> Finding | None:
    """Whether a day still feels the variant of the day before; None below three pairs of a kind.

    Of a pair that begins with a switch each day follows the other variant; of one that does not,
    both follow the same. What the day before leaves is in the difference of the first kind only, so
    the two kinds differ by it and by nothing else.
    """
    differences = pairs.value - pairs.control
    kinds = [
        np.array([d for d, one in zip(differences, pairs.switched, strict=True) if one is turned])
        for turned in (False, True)
    ]
    if min(len(kind) for kind in kinds) < 3:
        return None
    arms = [Arm(float(one.mean()), float(one.var(ddof=1)), len(one)) for one in kinds]
    one = welch(arms[0], arms[1], 0.05)
    detail = f"The difference changes by {one.difference:+.4g} after a switch, p = {one.p:.3g}."
    if one.p < WARN_BELOW:
        status = GuardStatus.VOID if one.p < VOID_BELOW else GuardStatus.WARN
        why = "A day still feels the variant of the day before, so days do not compare fairly."
        return Finding(status=status, why=why, detail=detail, p=one.p)
    why = "No day feels the variant of the day before."
    return Finding(status=GuardStatus.OK, why=why, detail=detail, p=one.p)


def kept(days: Sequence[SwitchbackDay]) -> Finding | None:
    """Whether everybody saw the variant of the day; None without slates."""
    slates = sum(one.slates for one in days)
    if not slates:
        return None
    share = sum(one.strays for one in days) / slates
    detail = f"{share:.2%} of the slates show another variant than the day's and are left out."
    if share > STRAYS:
        why = "On some days shoppers saw the other variant: the days are not what they were to be."
        return Finding(status=GuardStatus.VOID, why=why, detail=detail, statistic=share)
    why = "On each day everybody saw one variant."
    return Finding(status=GuardStatus.OK, why=why, detail=detail, statistic=share)
