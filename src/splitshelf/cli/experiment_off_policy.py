"""`splitshelf experiment off-policy`: what another policy would have earned on a log."""

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from splitshelf.cli.output import emit, json_option
from splitshelf.prove.off_policy.answers import Answer, ask
from splitshelf.prove.off_policy.tables import Columns, read_log, read_target

EXAMPLE = """
Example:

    splitshelf experiment off-policy bts_all.csv.gz --action item_id --reward click
    --propensity propensity_score --position position --target uniform --actions 80
"""


@click.command("off-policy", epilog=EXAMPLE)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--action", required=True, help="The column of what was done.")
@click.option("--reward", required=True, help="The column of what it earned.")
@click.option("--propensity", required=True, help="The column of the chance it was done with.")
@click.option("--position", help="The column of the position in a slate.")
@click.option(
    "--target",
    default="uniform",
    show_default=True,
    help="uniform, or a file: the action's column and `probability`, or one a row.",
)
@click.option("--actions", type=click.IntRange(1), help="How many actions uniform chooses from.")
@json_option
def off_policy(  # noqa: PLR0913, PLR0917 (click passes one argument an option)
    file: Path,
    action: str,
    reward: str,
    propensity: str,
    position: str | None,
    target: str,
    actions: int | None,
    as_json: bool,
) -> None:
    """Estimate what a target policy would have earned on the log in FILE, or refuse to."""
    columns = Columns(action, reward, propensity, position)
    log, codes = read_log(file, columns)
    answer = ask(log, read_target(target, log, codes, actions, columns))
    emit(answer, as_json, lambda console: show_answer(console, answer))


def show_answer(console: Console, answer: Answer) -> None:
    """Print every estimate, or the refusal."""
    style = "green" if answer.status == "ok" else "bold red"
    console.print(f"[{style}]{answer.status}[/]  {answer.why}")
    table = Table("estimator", "value", "95% interval")
    for name, one in {"logged policy": answer.logged, **answer.estimates}.items():
        table.add_row(name, f"{one.value:.6g}", f"{one.low:.6g} to {one.high:.6g}")
    console.print(table)
