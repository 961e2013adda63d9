"""The verdict on an experiment: log -> tally -> summaries -> guards -> statistics -> decision."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from splitshelf.core.experiments import Experiment, Kind
from splitshelf.core.protocols import Store
from splitshelf.prove.aggregation import before_columns, by_variant, refresh
from splitshelf.prove.bandit_verdicts import judge_bandit
from splitshelf.prove.decisions import Question, anytime, decide, guardrail, planned, smallest
from splitshelf.prove.gathering import gather
from splitshelf.prove.guards import GUARDS
from splitshelf.prove.guards.finding import Evidence, Finding
from splitshelf.prove.holdouts import told
from splitshelf.prove.ledger import settle
from splitshelf.prove.looks import Look, look
from splitshelf.prove.many import adjust
from splitshelf.prove.measuring import Adjustment, Columns, adjustment, compare
from splitshelf.prove.outcomes import OUTCOMES
from splitshelf.prove.predictions import forecasts, predicted
from splitshelf.prove.preferences import judge_interleaving
from splitshelf.prove.segments import segmented, splits
from splitshelf.prove.sentences import explain
from splitshelf.prove.statistics.always_valid import TUNING
from splitshelf.prove.statistics.comparisons import Comparison
from splitshelf.prove.switchback_verdicts import judge_switchback
from splitshelf.prove.verdict import Guardrail, Method, Standing, Verdict


def judge(experiment: Experiment, store: Store, now: datetime) -> Verdict:
    """The verdict at `now`; records a planned look when one is due."""
    verdict = JUDGES[experiment.kind](experiment, store, now)
    if experiment.kind is Kind.SPLIT:
        settle(experiment, verdict, store, now)
    return verdict


def judge_split(experiment: Experiment, store: Store, now: datetime) -> Verdict:
    """The verdict on variants that each have shoppers of their own."""
    tally = refresh(experiment, store, now)
    before = before_columns(experiment, store, tally)
    before = predicted(forecasts(experiment, store, measured(experiment)), before)
    columns = by_variant(tally, experiment, now, before)
    outcomes = {name: compare(OUTCOMES[name], columns, experiment) for name in measured(experiment)}
    evidence = gather(experiment, store, now, tally=tally, columns=columns, outcomes=outcomes)
    guards = findings(evidence)
    question = asked(experiment, evidence.shoppers)
    primary = outcomes[experiment.primary]
    standings, looks, method = _standings(experiment, store, now, evidence.shoppers, primary)
    guardrails = safety(experiment, outcomes)
    decision, why, winner = decide(question, standings, guardrails, guards)
    return Verdict(
        experiment=experiment.id,
        at=now,
        decision=decision,
        why=why,
        detail=explain(experiment.primary, primary, standings, method),
        winner=winner,
        primary=experiment.primary,
        control=experiment.control.name,
        alpha=experiment.alpha,
        method=method,
        shoppers=dict(evidence.shoppers),
        outcomes=outcomes,
        standings=standings,
        guardrails=guardrails,
        guards=guards,
        adjusted=adjust(outcomes, {experiment.primary, *experiment.guardrails}),
        detectable=smallest(outcomes, experiment.alpha),
        adjustments=_adjustments(experiment, columns),
        looks=looks,
        days=tally.days,
        segments=splits(
            experiment, columns, segmented(experiment, store, tally, now), tuple(outcomes)
        ),
        planned_shoppers=experiment.planned_shoppers,
    )


def _adjustments(experiment: Experiment, columns: Columns) -> dict[str, Adjustment]:
    found = {name: adjustment(OUTCOMES[name], columns, experiment) for name in measured(experiment)}
    return {name: one for name, one in found.items() if one is not None}


def judge_holdout(experiment: Experiment, store: Store, now: datetime) -> Verdict:
    """The verdict of a holdout: what all of it together earns."""
    return told(judge_split(experiment, store, now))


def measured(experiment: Experiment) -> tuple[str, ...]:
    """The names of all outcomes of an experiment, the primary one first, none twice."""
    names = (experiment.primary, *experiment.outcomes, *experiment.guardrails)
    return tuple(dict.fromkeys(names))


def findings(evidence: Evidence, names: Iterable[str] = tuple(GUARDS)) -> dict[str, Finding]:
    """What each guard found, where it had something to judge by."""
    found = {name: GUARDS[name](evidence) for name in names}
    return {name: finding for name, finding in found.items() if finding is not None}


def asked(experiment: Experiment, shoppers: Mapping[str, int]) -> Question:
    """What is asked of the primary outcome."""
    outcome = OUTCOMES[experiment.primary]
    return Question(
        title=outcome.title,
        control=experiment.control.name,
        alpha=experiment.alpha,
        higher_is_better=outcome.higher_is_better,
        complete=0 < experiment.planned_shoppers <= sum(shoppers.values()),
        titles={name: OUTCOMES[name].title for name in experiment.guardrails},
    )


def safety(
    experiment: Experiment, outcomes: Mapping[str, Mapping[str, Comparison]]
) -> dict[str, dict[str, Guardrail]]:
    """Outcome -> variant -> whether the guardrail holds."""
    return {
        name: {
            variant: guardrail(
                one,
                margin,
                experiment.alpha,
                higher_is_better=OUTCOMES[name].higher_is_better,
            )
            for variant, one in outcomes[name].items()
        }
        for name, margin in experiment.guardrails.items()
    }


def _standings(
    experiment: Experiment,
    store: Store,
    now: datetime,
    shoppers: Mapping[str, int],
    primary: dict[str, Comparison],
) -> tuple[dict[str, Standing], tuple[Look, ...], Method]:
    """How the variants stand: by planned looks where there is a plan, else always valid."""
    question = asked(experiment, shoppers)
    if experiment.planned_shoppers:
        looks = look(experiment, store, now, sum(shoppers.values()), primary)
        return planned(primary, question, looks), looks, Method.PLANNED
    return anytime(primary, question, shoppers, TUNING), (), Method.ALWAYS_VALID


JUDGES: dict[Kind, Callable[[Experiment, Store, datetime], Verdict]] = {
    Kind.SPLIT: judge_split,
    Kind.BANDIT: judge_bandit,
    Kind.SWITCHBACK: judge_switchback,
    Kind.HOLDOUT: judge_holdout,
    Kind.INTERLEAVING: judge_interleaving,
}
"""Who judges what."""
