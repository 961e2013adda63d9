"""The verdict on interleaved shelves: whose products shoppers click, one vote a shopper."""

import math
from datetime import datetime

from splitshelf.core.experiments import Experiment
from splitshelf.core.protocols import Store
from splitshelf.prove.aggregation import are_machines, counts, refresh
from splitshelf.prove.guards.finding import Finding, GuardStatus
from splitshelf.prove.interleaving import anytime, log_evidence, of_votes
from splitshelf.prove.opinions import Opinion, hold, says_of
from splitshelf.prove.outcomes import MEASURED
from splitshelf.prove.sentences import RULES
from splitshelf.prove.statistics.comparisons import Comparison
from splitshelf.prove.tallies import Tally
from splitshelf.prove.verdict import Decision, Method, Standing, Verdict

NAME = "preference"


def judge_interleaving(experiment: Experiment, store: Store, now: datetime) -> Verdict:
    """The verdict at `now`, by an interval that holds at every look."""
    tally = refresh(experiment, store, now)
    chosen = tally.rows(counts(tally, experiment, now))
    votes = MEASURED[NAME].values(chosen)[:, 0]
    second, first = int((votes == 1).sum()), int((votes == 0).sum())
    control, variant = (arm.name for arm in experiment.variants)
    comparison = compare(first, second, experiment.alpha)
    standing = stand(first, second, experiment.alpha)
    decision, why = decide(experiment, first, second, standing)
    if first + second:
        first_policy, second_policy = (arm.policy for arm in experiment.variants)
        opinion = Opinion(at=now, says=says_of(standing.low, standing.high), why=why)
        hold("interleaving", second_policy, first_policy, opinion, store)
    return Verdict(
        experiment=experiment.id,
        at=now,
        decision=decision,
        why=why,
        detail=f"{first + second:,} of {len(votes):,} shoppers have a preference, {second:,} of "
        f"them for {variant}; by {RULES[Method.ALWAYS_VALID]} [{0.5 + standing.low / 2:.4f}, "
        f"{0.5 + standing.high / 2:.4f}].",
        winner=None,
        primary=NAME,
        control=control,
        alpha=experiment.alpha,
        method=Method.ALWAYS_VALID,
        shoppers={control: first, variant: second},
        outcomes={NAME: {variant: comparison}},
        standings={variant: standing},
        guardrails={},
        guards=_guards(tally, experiment),
        days=(),
        planned_shoppers=experiment.planned_shoppers,
    )


def compare(first: int, second: int, alpha: float) -> Comparison:
    """Both policies' shares of the votes; the difference runs from -1 to 1."""
    found = of_votes(first, second, alpha)
    n = first + second
    share = second / n if n else math.nan
    return Comparison(
        control=1 - share,
        value=share,
        difference=2 * share - 1,
        low=2 * found.low - 1,
        high=2 * found.high - 1,
        relative=share / (1 - share) - 1 if first else math.nan,
        relative_low=_odds(found.low) - 1,
        relative_high=_odds(found.high) - 1,
        statistic=(2 * share - 1) * math.sqrt(n) if n else math.nan,
        p=found.p,
        error=2 * math.sqrt(share * (1 - share) / n) if n else math.nan,
    )


def stand(first: int, second: int, alpha: float) -> Standing:
    """How the second policy stands, by the interval that holds at every look."""
    low, high = anytime(first, second, alpha)
    significant = not low <= 0.5 <= high
    return Standing(
        low=2 * low - 1, high=2 * high - 1, significant=significant, better=second > first
    )


def decide(
    experiment: Experiment, first: int, second: int, standing: Standing
) -> tuple[Decision, str]:
    """A preference is worth an experiment; it never ships by itself, because it is no money."""
    control, variant = (arm.name for arm in experiment.variants)
    share = second / (first + second) if first + second else 0.0
    if standing.significant and standing.better:
        why = (
            f"{share:.0%} of shoppers with a preference like {variant} better: test what it earns."
        )
        return Decision.TEST, why
    if standing.significant:
        return Decision.KEEP, f"Shoppers like {control} better than {variant}: keep {control}."
    if 0 < experiment.planned_shoppers <= first + second:
        return Decision.KEEP, f"Shoppers like both alike: {variant} is not worth an experiment."
    return Decision.UNDECIDED, "Shoppers may like either better: the clicks do not tell yet."


def p_anytime(first: int, second: int) -> float:
    """The p of no preference that holds at every look; at most 1."""
    return math.exp(min(-log_evidence(first, second), 0.0))


def _guards(tally: Tally, experiment: Experiment) -> dict[str, Finding]:
    busy = int(are_machines(tally.columns, experiment).sum())
    why = f"{busy:,} machines are left out." if busy else "No shopper behaves like a machine."
    return {"bots": Finding(status=GuardStatus.OK, why=why)}


def _odds(share: float) -> float:
    return share / (1 - share) if share < 1 else math.nan
