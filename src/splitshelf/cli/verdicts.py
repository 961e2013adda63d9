"""How a verdict looks in a terminal."""

import math

from rich.console import Console
from rich.table import Table

from splitshelf.prove.report import said
from splitshelf.prove.verdict import Verdict

STYLES = {
    "ship": "bold green",
    "keep": "bold yellow",
    "test": "bold green",
    "pays": "bold green",
    "undecided": "bold",
    "void": "bold red",
}


def show_verdict(console: Console, verdict: Verdict) -> None:
    """Print the decision, the outcomes and the guards."""
    style = STYLES[verdict.decision]
    console.print(f"[{style}]{verdict.decision.upper()}[/]  {verdict.why}")
    console.print(verdict.detail, style="dim")
    counts = ", ".join(f"{name} {n:,}" for name, n in verdict.shoppers.items())
    units = f"{verdict.unit.capitalize()}s: {counts}"
    console.print(f"{units}. Method: {verdict.method}, alpha {verdict.alpha:g}.")
    console.print(outcome_table(verdict))
    for name, by in verdict.adjustments.items():
        console.print(f"{name} is adjusted by {by.covariate}: {by.taken:.1%} less variance.")
    if verdict.allocation:
        shares = ", ".join(f"{name} {share:.0%}" for name, share in verdict.allocation[-1].items())
        console.print(f"Dealt today: {shares}.")
    for situation, by_variant in verdict.situations.items():
        shares = ", ".join(f"{name} {share:.0%}" for name, share in by_variant.items())
        console.print(f"  {situation}: {shares}")
    if verdict.dealt is not None:
        bounds = (
            f"{_percent(verdict.dealt.relative_low)} to {_percent(verdict.dealt.relative_high)}"
        )
        change = _percent(verdict.dealt.relative)
        console.print(f"Dealing so against {verdict.control} for all: {change} ({bounds}).")
    for name, one in verdict.incremental.items():
        bounds = f"{one.low:,.2f} to {one.high:,.2f}"
        console.print(f"Incremental {name.split('_')[0]}: {one.value:,.2f} ({bounds}).")
    for why in said(verdict) if verdict.segments else ():
        console.print(why)
    for name, finding in verdict.guards.items():
        console.print(f"{name}: [bold]{finding.status}[/]  {finding.why} {finding.detail}")


def outcome_table(verdict: Verdict) -> Table:
    """Every outcome of every variant against the control, with its fixed interval."""
    share = f"{1 - verdict.alpha:.0%} interval"
    table = Table("outcome", "variant", verdict.control, "value", "change", share, "p")
    for column in table.columns[2:]:
        column.justify = "right"
    for outcome, by_variant in verdict.outcomes.items():
        for variant, one in by_variant.items():
            table.add_row(
                outcome,
                variant,
                f"{one.control:.6g}",
                f"{one.value:.6g}",
                _percent(one.relative),
                f"{_percent(one.relative_low)} to {_percent(one.relative_high)}",
                "-" if math.isnan(one.p) else f"{one.p:.4g}",
            )
    return table


def _percent(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:+.2%}"
