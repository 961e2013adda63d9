"""The report on somebody else's experiment: the same page, with what was asked of the file."""

from dataclasses import dataclass

from splitshelf.prove.report import Grounds, page
from splitshelf.prove.requests import Analysis, OutcomeRequest
from splitshelf.prove.verdict import Verdict

WAY = (
    "The unit is what the unit column names; rows of one unit are taken together, never as "
    "independent. Shares are tested by the pooled z (chi-squared without Yates' correction), means "
    "by Welch's t, ratios by the delta method, quantiles by the asymptotic normal law of the "
    "sample's. p tests the absolute difference; the relative interval never contradicts it."
)
GATHERED = {
    "proportion": "Units with a 1 in any row of {column}, over all units with a value.",
    "mean": "The sum of {column} over the rows of a unit, averaged over units.",
    "ratio": "The sum of {column} over that of {below} (delta method over units).",
    "quantile": "The {level:.4g} quantile over units of the sum of {column} over a unit's rows.",
}
"""Kind -> what is counted."""
VALUES = {
    "proportion": "avg(a{i})",
    "mean": "avg(a{i})",
    "ratio": "sum(a{i}) / sum(b{i})",
    "quantile": "quantile_cont(a{i}, {level})",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """An outcome of a file, for people."""

    title: str
    definition: str
    sql: str


def analysis_report(verdict: Verdict, analysis: Analysis, sql: str) -> str:
    """The report as HTML that stands alone; `sql` made the units of the rows."""
    grounds = Grounds(
        note=f"Read from {analysis.path.name}.",
        facts=facts(analysis),
        way=WAY,
        outcomes={one.name: _asked(i, one) for i, one in enumerate(analysis.outcomes)},
        views=sql,
        tables="The units as they were made, then the value of each outcome by variant before "
        f"it is adjusted. It runs in DuckDB over {analysis.path.name} as the view rows.",
    )
    return page(verdict, grounds)


def facts(analysis: Analysis) -> list[tuple[str, str]]:
    """What was asked, as names and values."""
    split = analysis.split or {}
    margins = (f"{name} {margin:.1%}" for name, margin in analysis.guardrails.items())
    lower = (one.name for one in analysis.outcomes if not one.higher_is_better)
    return [
        ("Unit", analysis.unit),
        ("Variants", f"{analysis.variant}; the control is {analysis.control}"),
        ("Split", ", ".join(f"{k} {v:g}" for k, v in split.items()) or "even"),
        ("Primary outcome", analysis.outcomes[0].name),
        ("Better when lower", ", ".join(lower) or "none"),
        ("Guardrails", ", ".join(margins) or "none"),
        ("Adjusted by", analysis.covariate or "nothing"),
        ("Capped at", f"quantile {analysis.cap:g}" if analysis.cap else "nothing"),
        ("Segments", ", ".join(analysis.segments) or "none"),
        ("Time", analysis.time or "not said"),
        ("Alpha", f"{analysis.alpha:g}, two-sided"),
    ]


def _asked(i: int, outcome: OutcomeRequest) -> Asked:
    words = {
        "i": i,
        "column": outcome.column,
        "below": outcome.denominator or "the number of rows",
        "level": outcome.quantile,
    }
    value = VALUES[outcome.kind].format(**words)
    return Asked(
        title=outcome.name,
        definition=GATHERED[outcome.kind].format(**words),
        sql=f"SELECT v, {value} AS value\nFROM units WHERE NOT switched\nGROUP BY v",
    )
