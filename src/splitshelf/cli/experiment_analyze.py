"""`splitshelf experiment analyze`: the verdict on somebody else's experiment."""

from pathlib import Path

import click

from splitshelf.cli.output import emit, json_option
from splitshelf.cli.verdicts import show_verdict
from splitshelf.prove.analysis import Analysis, analyse, parse_split
from splitshelf.prove.requests import parse_outcome

EXAMPLE = """
Example:

    splitshelf experiment analyze cookie_cats.csv --unit userid --variant version
    --control gate_30 --outcome retention_7:proportion
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
    alpha: float,
    as_json: bool,
) -> None:
    """Analyse the experiment in FILE (csv, parquet or jsonl; one row a unit, or many)."""
    verdict = analyse(
        Analysis(
            path=file,
            unit=unit,
            variant=variant,
            control=control,
            outcomes=[parse_outcome(text) for text in outcomes],
            covariate=covariate,
            alpha=alpha,
            split=parse_split(split),
        )
    )
    emit(verdict, as_json, lambda console: show_verdict(console, verdict))
