"""One row a unit of anybody's table: gathered, capped and counted by DuckDB."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from splitshelf.core.errors import InputError
from splitshelf.prove.aggregation import known
from splitshelf.prove.files import Table, literal, moments, values
from splitshelf.prove.requests import Analysis, OutcomeRequest
from splitshelf.prove.segments import FEWEST, MOST, Row, Split, corrected_splits
from splitshelf.prove.statistics import ARMS, COMPARISONS, cuped, quantiles
from splitshelf.prove.statistics.comparisons import Comparison
from splitshelf.prove.summaries import Summary
from splitshelf.prove.tallies import DayEffect

EPOCH = date(1970, 1, 1)
POINTS = 60
"""Days that the course of the effect is told for; of more days, evenly many."""


def unite(table: Table, analysis: Analysis) -> str:
    """The SQL that makes the table `units`: one row a unit, already run.

    `v` is its variant, `a<i>`, `b<i>` its outcome i, `x` its covariate, `s<j>` its segment j. A
    unit's proportion is whether any of its rows is 1, its mean the sum over its rows.
    """
    unit, variant = table.text(analysis.unit), table.text(analysis.variant)
    _check_columns(table, analysis)
    parts = [
        f"{unit} AS u",
        f"min({variant}) AS v",
        f"min({variant}) <> max({variant}) AS switched",
    ]
    for i, outcome in enumerate(analysis.outcomes):
        parts += gathered(table, outcome, f"a{i}", f"b{i}")
    if analysis.covariate is not None:
        parts.append(f"avg({table.number(analysis.covariate)}) AS x")
    for j, column in enumerate(analysis.segments):
        text = table.text(column)
        parts.append(f"CASE WHEN min({text}) = max({text}) THEN min({text}) END AS s{j}")
    columns = ",\n  ".join(parts)
    sql = (
        f"CREATE TEMP TABLE units AS SELECT\n  {columns}\nFROM rows\n"
        f"WHERE {unit} IS NOT NULL AND {variant} IS NOT NULL\nGROUP BY 1"
    )
    table.database.execute(sql)
    return "\n".join([f"{sql};", *_cap(table, analysis)])


def gathered(table: Table, outcome: OutcomeRequest, top: str, below: str) -> list[str]:
    """The SQL columns that an outcome has over the rows of one unit, under two names."""
    column = table.number(outcome.column)
    parts = [f"{'max' if outcome.kind == 'proportion' else 'sum'}({column}) AS {top}"]
    if outcome.kind == "ratio":
        other = outcome.denominator
        count = "count(*)" if other is None else f"sum({table.number(other)})"
        parts.append(f"CAST({count} AS DOUBLE) AS {below}")
    return parts


def _check_columns(table: Table, analysis: Analysis) -> None:
    named = [outcome.column for outcome in analysis.outcomes]
    named += [outcome.denominator or outcome.column for outcome in analysis.outcomes]
    table.check_numbers([*named, *([analysis.covariate] if analysis.covariate else [])])
    if analysis.time is not None:
        table.check_times(analysis.time)
    for outcome in analysis.outcomes:
        if outcome.kind == "proportion":
            _check_binary(table, analysis, outcome)


def _check_binary(table: Table, analysis: Analysis, outcome: OutcomeRequest) -> None:
    column = table.number(outcome.column)
    sql = f"SELECT {column} FROM rows WHERE {column} NOT IN (0, 1) LIMIT 1"  # noqa: S608 (quoted)
    wrong = table.database.execute(sql).fetchone()
    if wrong is not None:
        raise InputError(
            f"{analysis.path}: column '{outcome.column}' holds {wrong[0]:g}; a proportion needs 0 "
            "and 1, or true and false. Use mean for other numbers."
        )


def _cap(table: Table, analysis: Analysis) -> Iterator[str]:
    """Let means and ratios count no more than the quantile of all variants; the SQL of that."""
    for i, outcome in enumerate(analysis.outcomes):
        if not analysis.cap or outcome.kind not in {"mean", "ratio"}:
            continue
        asked = f"SELECT quantile_cont(a{i}, ?) FROM units WHERE a{i} > 0 AND NOT switched"  # noqa: S608 (a number)
        (limit,) = table.database.execute(asked, [analysis.cap]).fetchone() or (None,)
        if limit is not None:
            sql = f"UPDATE units SET a{i} = {limit!r} WHERE a{i} > {limit!r};"  # noqa: S608 (numbers)
            table.database.execute(sql)
            yield sql


def compare(table: Table, analysis: Analysis, i: int, among: str = "TRUE") -> dict[str, Comparison]:
    """Outcome number i of every variant but the control, compared with it.

    `among` is SQL that says which units take part.
    """
    outcome = analysis.outcomes[i]
    source = f"(SELECT * FROM units WHERE NOT switched AND {among})"  # noqa: S608 (quoted)
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


def splits(table: Table, analysis: Analysis, variants: Sequence[str]) -> tuple[Split, ...]:
    """Every outcome by every segment column: its largest values with enough units each."""
    rows = []
    for j, column in enumerate(analysis.segments):
        shoppers = _segments(table, j, variants)
        if len(shoppers) < 2:
            continue
        for i, outcome in enumerate(analysis.outcomes):
            found = {
                name: compare(table, analysis, i, f"s{j} = {literal(name)}") for name in shoppers
            }
            rows += [
                Row(
                    column,
                    outcome.name,
                    outcome.name,
                    variant,
                    {name: one[variant] for name, one in found.items() if variant in one},
                    shoppers,
                )
                for variant in variants[1:]
            ]
    return corrected_splits(rows, analysis.alpha)


def _segments(table: Table, j: int, variants: Sequence[str]) -> dict[str, dict[str, int]]:
    """Segment -> variant -> units, the largest first; each with enough in every variant."""
    sql = (
        f"SELECT s{j}, v, count(*) FROM units WHERE NOT switched AND s{j} IS NOT NULL "  # noqa: S608
        "GROUP BY 1, 2 ORDER BY sum(count(*)) OVER (PARTITION BY 1) DESC, 1, 2"
    )
    found: dict[str, dict[str, int]] = {}
    for name, variant, count in table.database.execute(sql).fetchall():
        found.setdefault(name, dict.fromkeys(variants, 0))[variant] = count
    large = [name for name, counts in found.items() if min(counts.values()) >= FEWEST]
    large.sort(key=lambda name: -sum(found[name].values()))
    return {name: found[name] for name in large[:MOST]}


def days_of(table: Table, analysis: Analysis, variants: Sequence[str]) -> tuple[DayEffect, ...]:
    """The first outcome of each day alone, and of all days so far; empty where nobody says when.

    Before capping and adjusting. A quantile has no such course.
    """
    outcome = analysis.outcomes[0]
    if analysis.time is None or outcome.kind == "quantile":
        return ()
    _split_by_day(table, analysis, outcome)
    found = table.database.execute("SELECT DISTINCT d FROM daily ORDER BY 1").fetchall()
    days = [row[0] for row in found]
    told = days if len(days) <= POINTS else days[:: -(-len(days) // POINTS)]
    return tuple(_day(table, outcome, variants, day) for day in told)


def _split_by_day(table: Table, analysis: Analysis, outcome: OutcomeRequest) -> None:
    """Make the table `daily`: what each unit did on each day."""
    unit, when = table.text(analysis.unit), table.day(analysis.time or "")
    parts = ", ".join(gathered(table, outcome, "a", "b"))
    by_day = f"SELECT {unit} AS u, {when} AS d, {parts} FROM rows WHERE d IS NOT NULL GROUP BY 1, 2"  # noqa: S608 (quoted)
    table.database.execute(
        f"CREATE TEMP TABLE daily AS SELECT v, part.* FROM ({by_day}) AS part "  # noqa: S608 (quoted)
        "JOIN units USING (u) WHERE NOT switched"
    )


def _day(table: Table, outcome: OutcomeRequest, variants: Sequence[str], day: date) -> DayEffect:
    ratio, when = outcome.kind == "ratio", literal(day.isoformat())
    gather = "max" if outcome.kind == "proportion" else "sum"
    both = f"{gather}(a) AS a{', sum(b) AS b' if ratio else ''}"
    so_far = f"(SELECT v, {both} FROM daily WHERE d <= DATE {when} GROUP BY u, v)"  # noqa: S608
    alone = f"(SELECT * FROM daily WHERE d = DATE {when})"  # noqa: S608 (quoted)
    n, value, error = _arms(table, outcome, variants, alone)
    total, total_value, total_error = _arms(table, outcome, variants, so_far)
    return DayEffect(
        day=(day - EPOCH).days,
        n=n,
        value=value,
        error=error,
        total=total,
        total_value=total_value,
        total_error=total_error,
    )


def _arms(
    table: Table, outcome: OutcomeRequest, variants: Sequence[str], source: str
) -> tuple[tuple[int, ...], tuple[float | None, ...], tuple[float | None, ...]]:
    """Units, value and error of each variant over a source."""
    columns = ["a", "b"] if outcome.kind == "ratio" else ["a"]
    found: Mapping[str, Summary] = moments(table.database, source, columns, "v")
    empty = Summary.empty(len(columns))
    arms = [ARMS[outcome.kind](found[name]) if name in found else None for name in variants]
    return (
        tuple(found.get(name, empty).n for name in variants),
        tuple(None if arm is None else known(arm.value) for arm in arms),
        tuple(None if arm is None else known(arm.error) for arm in arms),
    )
