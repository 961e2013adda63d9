"""Somebody else's experiment, from a file: the same statistics, guards and verdict as our own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from splitshelf.core.errors import InputError
from splitshelf.prove.decisions import Question, decide, one_look
from splitshelf.prove.files import Table, moments, opened, values
from splitshelf.prove.guards.finding import Evidence
from splitshelf.prove.many import adjust
from splitshelf.prove.requests import OutcomeRequest
from splitshelf.prove.sentences import explain
from splitshelf.prove.statistics import COMPARISONS, cuped, quantiles
from splitshelf.prove.statistics.comparisons import Comparison
from splitshelf.prove.summaries import Summary
from splitshelf.prove.verdict import Method, Verdict
from splitshelf.prove.verdicts import findings

FEW = 200
"""Units of an arm below which one of them naturally makes much of its variance."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """What is to be analysed, and how."""

    path: Path
    unit: str
    """The column that names the shopper, or whoever was assigned; one row a unit, or many."""
    variant: str
    control: str
    outcomes: Sequence[OutcomeRequest]
    """The first one decides."""
    covariate: str | None = None
    """A column known before the experiment, one value a unit, for CUPED."""
    alpha: float = 0.05
    split: Mapping[str, float] | None = None
    """Variant -> the share it should have; even where not given."""


def analyse(analysis: Analysis) -> Verdict:
    """The verdict on a table; raises InputError or UnknownName for what is wrong with it."""
    _check(analysis)
    with opened(analysis.path) as table:
        _unite(table, analysis)
        return _verdict(table, analysis)


def _check(analysis: Analysis) -> None:
    if not analysis.outcomes:
        raise InputError("There is no outcome to compare: give at least one.")
    if not 0 < analysis.alpha < 0.5:
        raise InputError(f"alpha is {analysis.alpha}; it must be above 0 and below 0.5.")
    names = [outcome.name for outcome in analysis.outcomes]
    if len(set(names)) < len(names):
        raise InputError(f"The outcomes {names} must have different names.")


def _unite(table: Table, analysis: Analysis) -> None:
    """Make the view `units`: one row a unit, `v` its variant, `a<i>`, `b<i>` its outcome i.

    A unit's proportion is whether any of its rows is 1, its mean the sum over its rows.
    """
    unit, variant = table.text(analysis.unit), table.text(analysis.variant)
    _check_numbers(table, analysis)
    parts = [f"min({variant}) AS v", f"min({variant}) <> max({variant}) AS switched"]
    for i, outcome in enumerate(analysis.outcomes):
        column = table.number(outcome.column)
        gather = "max" if outcome.kind == "proportion" else "sum"
        parts.append(f"{gather}({column}) AS a{i}")
        if outcome.kind == "ratio":
            below = outcome.denominator
            count = "count(*)" if below is None else f"sum({table.number(below)})"
            parts.append(f"CAST({count} AS DOUBLE) AS b{i}")
        if outcome.kind == "proportion":
            _check_binary(table, analysis, outcome, column)
    if analysis.covariate is not None:
        parts.append(f"avg({table.number(analysis.covariate)}) AS x")
    table.database.execute(
        f"CREATE TEMP TABLE units AS SELECT {', '.join(parts)} FROM rows "  # noqa: S608 (quoted)
        f"WHERE {unit} IS NOT NULL AND {variant} IS NOT NULL GROUP BY {unit}"
    )


def _check_numbers(table: Table, analysis: Analysis) -> None:
    named = [outcome.column for outcome in analysis.outcomes]
    named += [outcome.denominator or outcome.column for outcome in analysis.outcomes]
    table.check_numbers([*named, *([analysis.covariate] if analysis.covariate else [])])


def _check_binary(table: Table, analysis: Analysis, outcome: OutcomeRequest, column: str) -> None:
    sql = f"SELECT {column} FROM rows WHERE {column} NOT IN (0, 1) LIMIT 1"  # noqa: S608 (quoted)
    wrong = table.database.execute(sql).fetchone()
    if wrong is not None:
        raise InputError(
            f"{analysis.path}: column '{outcome.column}' holds {wrong[0]:g}; a proportion needs 0 "
            "and 1, or true and false. Use mean for other numbers."
        )


def _verdict(table: Table, analysis: Analysis) -> Verdict:
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
    shoppers = {analysis.control: shoppers.pop(analysis.control)} | shoppers
    outcomes = {
        outcome.name: compare(table, analysis, i) for i, outcome in enumerate(analysis.outcomes)
    }
    evidence = Evidence(
        shoppers=shoppers,
        weights=_weights(analysis, shoppers),
        switched=sum(switched for *_, switched in counted),
        primary=analysis.outcomes[0].name,
        outcomes=outcomes,
        leverage=leverage(table, analysis),
    )
    verdict = _decided(analysis, evidence)
    return msgspec.structs.replace(verdict, detail=verdict.detail + _left_out(table, analysis))


def _left_out(table: Table, analysis: Analysis) -> str:
    """A sentence on rows that name no unit or no variant; empty where all do."""
    unit, variant = table.text(analysis.unit), table.text(analysis.variant)
    sql = f"SELECT count(*) FROM rows WHERE {unit} IS NULL OR {variant} IS NULL"  # noqa: S608
    (count,) = table.database.execute(sql).fetchone() or (0,)
    return f" {count:,} rows without a unit or variant were left out." if count else ""


def _decided(analysis: Analysis, evidence: Evidence) -> Verdict:
    name = analysis.outcomes[0].name
    primary = dict(evidence.outcomes[name])
    question = Question(
        title=name,
        control=analysis.control,
        alpha=analysis.alpha,
        higher_is_better=True,
        complete=False,
    )
    standings = one_look(primary, question)
    guards = findings(evidence)
    decision, why, winner = decide(question, standings, {}, guards)
    return Verdict(
        experiment=analysis.path.stem,
        at=None,
        decision=decision,
        why=why,
        detail=explain(name, primary, standings, Method.ONE_LOOK),
        winner=winner,
        primary=name,
        control=analysis.control,
        alpha=analysis.alpha,
        method=Method.ONE_LOOK,
        shoppers=dict(evidence.shoppers),
        outcomes={key: dict(one) for key, one in evidence.outcomes.items()},
        standings=standings,
        guardrails={},
        guards=guards,
        adjusted=adjust(evidence.outcomes, {name}),
    )


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


def compare(table: Table, analysis: Analysis, i: int) -> dict[str, Comparison]:
    """Outcome number i of every variant but the control, compared with it."""
    outcome = analysis.outcomes[i]
    source = "(SELECT * FROM units WHERE NOT switched)"
    if outcome.kind == "quantile":
        found = values(table.database, source, f"a{i}", "v")
        control = found.pop(analysis.control)
        return {
            name: quantiles.compare(control, one, analysis.alpha, outcome.quantile)
            for name, one in found.items()
        }
    columns = [f"a{i}", f"b{i}"] if outcome.kind == "ratio" else [f"a{i}"]
    test = COMPARISONS[outcome.kind]
    if analysis.covariate is not None:
        columns += ["x", "1.0"] if outcome.kind == "ratio" else ["x"]
        test = cuped.compare
    summaries = moments(table.database, source, columns, "v")
    control = summaries.pop(analysis.control, Summary.empty(len(columns)))
    return {name: test(control, one, analysis.alpha) for name, one in summaries.items()}


def _weights(analysis: Analysis, shoppers: Mapping[str, int]) -> dict[str, float]:
    if analysis.split is None:
        return dict.fromkeys(shoppers, 1 / len(shoppers))
    if analysis.split.keys() != shoppers.keys():
        raise InputError(
            f"The split names {sorted(analysis.split)}, the file holds {sorted(shoppers)}."
        )
    total = sum(analysis.split.values())
    return {name: analysis.split[name] / total for name in shoppers}


def parse_split(texts: Sequence[str]) -> dict[str, float] | None:
    """The shares in texts like `control=0.9`; None where there are none."""
    shares: dict[str, float] = {}
    for text in texts:
        name, _, share = text.rpartition("=")
        if not name or not _positive(share):
            raise InputError(f"Split '{text}' must be VARIANT=SHARE, as in control=0.5.")
        shares[name] = float(share)
    return shares or None


def _positive(text: str) -> bool:
    try:
        return float(text) > 0
    except ValueError:
        return False
