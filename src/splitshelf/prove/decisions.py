"""From comparisons to a decision: what is significant by the method, and what follows."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
from scipy import special

from splitshelf.prove.guards.finding import Finding, GuardStatus
from splitshelf.prove.looks import Look
from splitshelf.prove.statistics import always_valid, bayes, non_inferiority
from splitshelf.prove.statistics.comparisons import Comparison
from splitshelf.prove.statistics.power import detectable
from splitshelf.prove.verdict import Decision, Guardrail, Standing

Comparisons = Mapping[str, Comparison]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the primary outcome."""

    title: str
    control: str
    alpha: float
    higher_is_better: bool
    complete: bool
    """Whether all the shoppers of a plan are in, so that "no gain" is an answer."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """Guardrail -> its name for people; its own where there is none."""


def one_look(comparisons: Comparisons, question: Question) -> dict[str, Standing]:
    """The standings by a fixed test; alpha is shared among several variants (Bonferroni)."""
    alpha = question.alpha / max(len(comparisons), 1)
    z = float(-special.ndtri(alpha / 2))
    return {
        name: _standing(one, _width(one, z), question, significant=one.p < alpha)
        for name, one in comparisons.items()
    }


def anytime(
    comparisons: Comparisons, question: Question, shoppers: Mapping[str, int], tuning: int
) -> dict[str, Standing]:
    """The standings by always-valid intervals, good at every look."""
    alpha = question.alpha / max(len(comparisons), 1)
    standings = {}
    for name, one in comparisons.items():
        n = shoppers[name] + shoppers[question.control]
        half = always_valid.half_width(one.error, n, alpha, tuning)
        standings[name] = _standing(one, half, question, significant=abs(one.difference) > half)
    return standings


def planned(
    comparisons: Comparisons, question: Question, looks: Sequence[Look]
) -> dict[str, Standing]:
    """The standings by the looks taken: significant once a bound was crossed, never undone."""
    standings = {}
    for name, one in comparisons.items():
        crossed = next((look for look in looks if look.crossed(name)), None)
        if crossed is None:
            half = _width(one, looks[-1].bound) if looks else math.inf
            standings[name] = _standing(one, half, question, significant=False)
        else:
            up = crossed.statistics[name] > 0
            standings[name] = msgspec.structs.replace(
                _standing(one, _width(one, crossed.bound), question, significant=True),
                better=up == question.higher_is_better,
            )
    return standings


def guardrail(one: Comparison, margin: float, alpha: float, *, higher_is_better: bool) -> Guardrail:
    """Whether a relative loss of `margin` is ruled out, and whether any loss is shown."""
    p = non_inferiority.p_value(one, margin * abs(one.control), higher_is_better=higher_is_better)
    worse = one.difference < 0 if higher_is_better else one.difference > 0
    return Guardrail(margin=margin, safe=p < alpha, harmed=worse and one.p < alpha, p=p)


def smallest(outcomes: Mapping[str, Comparisons], alpha: float) -> dict[str, dict[str, float]]:
    """Outcome -> variant -> the smallest relative effect that such a test finds in 80 % of cases.

    By the error that was measured, not by the difference that was found: power "after the fact" by
    the latter says no more than p does. nan where there is no test.
    """
    return {
        name: {
            variant: detectable(one.error, alpha) / abs(one.control) if one.control else math.nan
            for variant, one in by_variant.items()
        }
        for name, by_variant in outcomes.items()
    }


def decide(
    question: Question,
    standings: Mapping[str, Standing],
    guardrails: Mapping[str, Mapping[str, Guardrail]],
    guards: Mapping[str, Finding],
) -> tuple[Decision, str, str | None]:
    """The decision, its reason for a manager, and the variant to ship if there is one."""
    failed = [name for name, finding in guards.items() if finding.status is GuardStatus.VOID]
    if failed:
        return Decision.VOID, f"No verdict: {guards[failed[0]].why}", None
    better = [name for name, one in standings.items() if one.significant and one.better]
    if better:
        winner = max(better, key=lambda name: standings[name].chance_to_win or 0.0)
        return _ship(question, winner, guardrails)
    title = question.title
    if standings and all(one.significant for one in standings.values()):
        return Decision.KEEP, f"{title} got worse: keep {question.control}.", None
    if question.complete:
        why = f"The plan is complete and shows no gain in {title}: keep {question.control}."
        return Decision.KEEP, why, None
    return Decision.UNDECIDED, f"{title} may go either way: the data do not tell yet.", None


def _ship(
    question: Question, winner: str, guardrails: Mapping[str, Mapping[str, Guardrail]]
) -> tuple[Decision, str, str | None]:
    """What follows from a win: only a win that harms nothing else is shipped."""
    states = {outcome: by_variant[winner] for outcome, by_variant in guardrails.items()}
    named = {question.titles.get(outcome, outcome): state for outcome, state in states.items()}
    harmed = [title for title, state in named.items() if state.harmed]
    unsure = [title for title, state in named.items() if not state.safe]
    better = f"{winner} is better in {question.title}"
    if harmed:
        return Decision.KEEP, f"{better}, but {harmed[0]} suffers: keep {question.control}.", None
    if unsure:
        return Decision.UNDECIDED, f"{better}, but {unsure[0]} is not yet shown to be safe.", None
    return Decision.SHIP, f"{better} than {question.control}: ship it.", winner


def _width(one: Comparison, bound: float) -> float:
    return bound * one.error


def _standing(one: Comparison, half: float, question: Question, *, significant: bool) -> Standing:
    effect = bayes.Effect(one.difference, one.error)
    win = bayes.chance_to_win(effect, higher_is_better=question.higher_is_better)
    return Standing(
        low=one.difference - half,
        high=one.difference + half,
        significant=bool(significant),
        better=(one.difference > 0) == question.higher_is_better,
        chance_to_win=None if math.isnan(win) else win,
    )
