"""Somebody else's experiment, from a file: the same statistics, guards and verdict as our own."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from splitshelf.core.errors import InputError
from splitshelf.prove.decisions import Question, decide, guardrail, one_look, smallest
from splitshelf.prove.files import Table, opened
from splitshelf.prove.gathering import effects, levels
from splitshelf.prove.guards.finding import Evidence
from splitshelf.prove.many import adjust
from splitshelf.prove.requests import Analysis, check
from splitshelf.prove.sentences import explain
from splitshelf.prove.statistics.comparisons import Comparison
from splitshelf.prove.units import compare, days_of, splits, unite
from splitshelf.prove.verdict import Guardrail, Method, Verdict
from splitshelf.prove.verdicts import findings

FEW = 200
"""Units of an arm below which one of them naturally makes much of its variance."""

Outcomes = Mapping[str, dict[str, Comparison]]


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict on a table, and how its units were made of its rows."""

    verdict: Verdict
    sql: str
    """DuckDB's, over the file as the view `rows`."""


def analyse(analysis: Analysis) -> Verdict:
    """The verdict on a table; raises InputError or UnknownName for what is wrong with it."""
    return answer(analysis).verdict


def answer(analysis: Analysis) -> Answer:
    """The verdict with the SQL behind it; raises as `analyse` does."""
    check(analysis)
    with opened(analysis.path) as table:
        sql = unite(table, analysis)
        return Answer(_verdict(table, analysis), sql)


def _verdict(table: Table, analysis: Analysis) -> Verdict:
    shoppers, switched = _shoppers(table, analysis)
    days = days_of(table, analysis, list(shoppers))
    outcomes = {
        outcome.name: compare(table, analysis, i) for i, outcome in enumerate(analysis.outcomes)
    }
    evidence = Evidence(
        shoppers=shoppers,
        weights=_weights(analysis, shoppers),
        switched=switched,
        primary=analysis.outcomes[0].name,
        outcomes=outcomes,
        daily=effects(days),
        activity=levels(days),
        leverage=leverage(table, analysis),
    )
    verdict = _decided(analysis, evidence, outcomes)
    return msgspec.structs.replace(
        verdict,
        detail=verdict.detail + _left_out(table, analysis),
        days=days,
        segments=splits(table, analysis, list(shoppers)),
    )


def _shoppers(table: Table, analysis: Analysis) -> tuple[dict[str, int], int]:
    """Variant -> units that count, the control first; and how many were in several variants."""
    counted = table.database.execute(
        "SELECT v, count(*) FILTER (NOT switched), count(*) FILTER (switched) "
        "FROM units GROUP BY 1 ORDER BY 1"
    ).fetchall()
    shoppers = {name: n for name, n, _ in counted}
    if analysis.control not in shoppers or len(shoppers) < 2:
        raise InputError(
            f"{analysis.path}: column '{analysis.variant}' holds {sorted(shoppers)}; it needs the "
            f"control '{analysis.control}' and at least one other."
        )
    alike = {name.casefold(): name for name in shoppers}
    for name in shoppers:
        if (other := alike[name.casefold()]) != name:
            raise InputError(
                f"{analysis.path}: column '{analysis.variant}' holds '{name}' and '{other}', which "
                "look like one variant: write them alike, or name them apart."
            )
    shoppers = {analysis.control: shoppers.pop(analysis.control)} | shoppers
    return shoppers, sum(switched for *_, switched in counted)


def _left_out(table: Table, analysis: Analysis) -> str:
    """A sentence on rows that name no unit or no variant; empty where all do."""
    unit, variant = table.text(analysis.unit), table.text(analysis.variant)
    sql = f"SELECT count(*) FROM rows WHERE {unit} IS NULL OR {variant} IS NULL"  # noqa: S608
    (count,) = table.database.execute(sql).fetchone() or (0,)
    return f" {count:,} rows without a unit or variant were left out." if count else ""


def _decided(analysis: Analysis, evidence: Evidence, outcomes: Outcomes) -> Verdict:
    first = analysis.outcomes[0]
    primary = outcomes[first.name]
    question = Question(
        title=first.name,
        control=analysis.control,
        alpha=analysis.alpha,
        higher_is_better=first.higher_is_better,
        complete=False,
    )
    standings = one_look(primary, question)
    guards = findings(evidence)
    guardrails = _guardrails(analysis, outcomes)
    decision, why, winner = decide(question, standings, guardrails, guards)
    return Verdict(
        experiment=analysis.path.stem,
        at=None,
        decision=decision,
        why=why,
        detail=explain(first.name, primary, standings, Method.ONE_LOOK),
        winner=winner,
        primary=first.name,
        control=analysis.control,
        alpha=analysis.alpha,
        method=Method.ONE_LOOK,
        shoppers=dict(evidence.shoppers),
        outcomes=dict(outcomes),
        standings=standings,
        guardrails=guardrails,
        guards=guards,
        adjusted=adjust(outcomes, {first.name, *analysis.guardrails}),
        detectable=smallest(outcomes, analysis.alpha),
        unit="unit",
    )


def _guardrails(analysis: Analysis, outcomes: Outcomes) -> dict[str, dict[str, Guardrail]]:
    higher = {outcome.name: outcome.higher_is_better for outcome in analysis.outcomes}
    return {
        name: {
            variant: guardrail(one, margin, analysis.alpha, higher_is_better=higher[name])
            for variant, one in outcomes[name].items()
        }
        for name, margin in analysis.guardrails.items()
    }


def leverage(table: Table, analysis: Analysis) -> float | None:
    """The largest share of one unit in an arm's variance of the first outcome, 0 to 1.

    None where no unit can stand out: for shares, quantiles and small arms.
    """
    if analysis.outcomes[0].kind not in {"mean", "ratio"}:
        return None
    found = table.database.execute(
        "SELECT max(greatest(high - mean, mean - low) ** 2 / (n * spread)) FROM ("
        "SELECT max(a0) AS high, min(a0) AS low, avg(a0) AS mean, var_pop(a0) AS spread, "
        "count(a0) AS n FROM units WHERE NOT switched GROUP BY v) WHERE n >= ? AND spread > 0",
        [FEW],
    ).fetchone()
    return found[0] if found else None


def _weights(analysis: Analysis, shoppers: Mapping[str, int]) -> dict[str, float]:
    if analysis.split is None:
        return dict.fromkeys(shoppers, 1 / len(shoppers))
    if analysis.split.keys() != shoppers.keys():
        raise InputError(
            f"The split names {sorted(analysis.split)}, the file holds {sorted(shoppers)}."
        )
    total = sum(analysis.split.values())
    return {name: analysis.split[name] / total for name in shoppers}
