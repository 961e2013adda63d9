"""`splitshelf experiment analyze`: the verdict on somebody else's experiment."""

from pathlib import Path

import click

from splitshelf.cli.output import emit, json_option
from splitshelf.cli.printing import write_report
from splitshelf.cli.verdicts import show_verdict
from splitshelf.prove.analysis import answer
from splitshelf.prove.analysis_report import analysis_report
from splitshelf.prove.requests import (
    Analysis,
    parse_guardrails,
    parse_outcome,
    parse_split,
    turned,
)

EXAMPLE = """
Example:

    splitshelf experiment analyze cookie_cats.csv --unit userid --variant version
    --control gate_30 --outcome retention_7:proportion --outcome rounds:mean:sum_gamerounds
    --cap 0.999 --report cookie_cats.html
"""


@click.command(epilog=EXAMPLE)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--unit", required=True, help="The column that names who was assigned.")
@click.option("--variant", required=True, help="The column that names the variant.")
@click.option("--control", required=True, help="Which variant is the control.")
@click.option(
    "--outcome",
    "outcomes",
    multiple=True,
    required=True,
    help="NAME:KIND[:COLUMN[/COLUMN]]; kinds are proportion, mean, ratio and quantile[@LEVEL]. "
    "Repeat it for more; the first one decides.",
)
@click.option(
    "--covariate",
    help="A column known before the experiment: reduces variance (CUPED). A proportion is then "
    "adjusted as the mean of its zeros and ones and tested by Welch's t.",
)
@click.option("--split", multiple=True, help="VARIANT=SHARE, where the split was not even.")
@click.option(
    "--segment",
    "segments",
    multiple=True,
    help="A column known before the experiment, as country: every outcome by its values too.",
)
@click.option(
    "--time",
    help="The column that says when: tells the course of the effect, and whether it fades.",
)
@click.option("--lower", multiple=True, help="An outcome that is better when lower, by its NAME.")
@click.option(
    "--guardrail",
    multiple=True,
    help="OUTCOME=LOSS: an outcome that must not suffer, and the relative loss still accepted.",
)
@click.option(
    "--cap",
    default=0.0,
    help="A quantile such as 0.99: means and ratios count no more than it, in all variants alike.",
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="An HTML file for the report with all its grounds; the JSON goes beside it.",
)
@click.option("--pdf", is_flag=True, help="With --report: also as PDF, by an installed Chromium.")
@click.option("--alpha", default=0.05, show_default=True, help="The accepted false-positive rate.")
@json_option
def analyze(  # noqa: PLR0913, PLR0917 (click passes one argument an option)
    file: Path,
    unit: str,
    variant: str,
    control: str,
    outcomes: tuple[str, ...],
    covariate: str | None,
    split: tuple[str, ...],
    segments: tuple[str, ...],
    time: str | None,
    lower: tuple[str, ...],
    guardrail: tuple[str, ...],
    cap: float,
    report: Path | None,
    pdf: bool,
    alpha: float,
    as_json: bool,
) -> None:
    """Analyse the experiment in FILE (csv, parquet or jsonl; one row a unit, or many)."""
    asked = Analysis(
        path=file,
        unit=unit,
        variant=variant,
        control=control,
        outcomes=turned([parse_outcome(text) for text in outcomes], lower),
        covariate=covariate,
        alpha=alpha,
        split=parse_split(split),
        segments=segments,
        time=time,
        cap=cap,
        guardrails=parse_guardrails(guardrail),
    )
    found = answer(asked)
    verdict = found.verdict
    written = {}
    if report is not None:
        written = write_report(report, analysis_report(verdict, asked, found.sql), verdict, pdf=pdf)
    emit(verdict, as_json, lambda console: show_verdict(console, verdict, written))
