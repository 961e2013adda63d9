"""The verdict on a bandit: a comparison within days, valid whatever was dealt to whom."""

from collections.abc import Mapping
from datetime import datetime

from splitshelf.core.context import traits_of
from splitshelf.core.experiments import Experiment
from splitshelf.core.protocols import Store
from splitshelf.prove.bandits import Batch, batches, compared, dealt
from splitshelf.prove.decisions import Question, anytime, decide, smallest
from splitshelf.prove.guards.finding import Evidence, Finding
from splitshelf.prove.guards.sample_ratio import sample_ratio
from splitshelf.prove.many import adjust
from splitshelf.prove.outcomes import OUTCOMES
from splitshelf.prove.sentences import explain
from splitshelf.prove.statistics.always_valid import TUNING
from splitshelf.prove.statistics.comparisons import Comparison
from splitshelf.prove.verdict import Decision, Method, Verdict


def judge_bandit(experiment: Experiment, store: Store, now: datetime) -> Verdict:
    """The verdict on the days that ended; the day that runs is not counted yet."""
    if experiment.stopped is None:
        dealt(experiment, store, now)
    days = batches(experiment, store)
    outcome = OUTCOMES[experiment.primary]
    shoppers = {
        variant.name: sum(day.arms[code].n for day in days if day.arms)
        for code, variant in enumerate(experiment.variants)
    }
    found = {
        variant.name: compared(experiment, days, code, experiment.alpha)
        for code, variant in enumerate(experiment.variants)
        if code
    }
    question = Question(
        title=outcome.title,
        control=experiment.control.name,
        alpha=experiment.alpha,
        higher_is_better=outcome.higher_is_better,
        complete=False,
    )
    standings = anytime(found, question, shoppers, TUNING)
    guards = _guards(experiment, days, shoppers)
    decision, why, winner = decide(question, standings, {}, guards)
    brought = compared(experiment, days, None, experiment.alpha) if experiment.contexts else None
    if decision is Decision.UNDECIDED and brought and _pays(brought, question, shoppers):
        by = ", ".join(experiment.contexts)
        why = (
            f"No one variant is shown to be best for all, but dealing by {by} earns more in "
            f"{question.title} than {question.control} for everybody: go on dealing."
        )
    return Verdict(
        experiment=experiment.id,
        at=now,
        decision=decision,
        why=why,
        detail=explain(experiment.primary, found, standings, Method.ALWAYS_VALID),
        winner=winner,
        primary=experiment.primary,
        control=experiment.control.name,
        alpha=experiment.alpha,
        method=Method.ALWAYS_VALID,
        shoppers=shoppers,
        outcomes={experiment.primary: found},
        standings=standings,
        guardrails={},
        guards=guards,
        adjusted=adjust({experiment.primary: found}, {experiment.primary}),
        detectable=smallest({experiment.primary: found}, experiment.alpha),
        allocation=_shares(experiment, days),
        situations=_situations(experiment, days),
        dealt=brought,
    )


def _pays(brought: Comparison, question: Question, shoppers: Mapping[str, int]) -> bool:
    """Whether dealing as was dealt is shown, at any look, to be better than the control for all."""
    counted = {"dealt": sum(shoppers.values()), question.control: 0}
    standing = anytime({"dealt": brought}, question, counted, TUNING)["dealt"]
    return standing.significant and standing.better


def _guards(
    experiment: Experiment, days: tuple[Batch, ...], shoppers: dict[str, int]
) -> dict[str, Finding]:
    """Whether each variant got the shoppers that it was dealt, over all days."""
    ended = [day for day in days if day.arms]
    sizes = [sum(arm.n for arm in day.arms) for day in ended]
    total = sum(sizes)
    weights = {
        variant.name: sum(n * day.weights[code] for n, day in zip(sizes, ended, strict=True))
        / total
        for code, variant in enumerate(experiment.variants)
        if total
    }
    found = sample_ratio(Evidence(shoppers=shoppers, weights=weights)) if total else None
    return {} if found is None else {"sample_ratio": found}


def _shares(experiment: Experiment, days: tuple[Batch, ...]) -> tuple[dict[str, float], ...]:
    """The share of each variant, day by day."""
    names = [variant.name for variant in experiment.variants]
    return tuple(dict(zip(names, day.weights, strict=True)) for day in days)


def _situations(experiment: Experiment, days: tuple[Batch, ...]) -> dict[str, dict[str, float]]:
    """Situation -> variant -> its share on the last day, where shares differ by situation."""
    names = [variant.name for variant in experiment.variants]
    last = days[-1].deals if days else {}
    return {
        ", ".join(one or "unknown" for one in traits_of(situation)): dict(
            zip(names, shares, strict=True)
        )
        for situation, shares in sorted(last.items())
    }
