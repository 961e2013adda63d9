"""How a verdict looks in a terminal."""

import math
from collections.abc import Iterator, Mapping

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


def show_verdict(
    console: Console, verdict: Verdict, written: Mapping[str, str] | None = None
) -> None:
    """Print the decision, the outcomes and the guards, and what was written to which file."""
    style = STYLES[verdict.decision]
    console.print(f"[{style}]{verdict.decision.upper()}[/]  {verdict.why}")
    console.print(verdict.detail, style="dim")
    counts = ", ".join(f"{name} {n:,}" for name, n in verdict.shoppers.items())
    units = f"{verdict.unit.capitalize()}s: {counts}"
    console.print(f"{units}. Method: {verdict.method}, alpha {verdict.alpha:g}.")
    console.print(outcome_table(verdict))
    for line in (*_safety(verdict), *_dealing(verdict), *_sums(verdict)):
        console.print(line)
    for why in said(verdict) if verdict.segments else ():
        console.print(why)
    for name, finding in verdict.guards.items():
        console.print(f"{name}: [bold]{finding.status}[/]  {finding.why} {finding.detail}")
    if written:
        console.print(f"Wrote {', '.join(written.values())}.", style="dim")


def _safety(verdict: Verdict) -> Iterator[str]:
    """What is said of guardrails and adjustments."""
    for name, by_variant in verdict.guardrails.items():
        for variant, one in by_variant.items():
            state = "ruled out" if one.safe else "[bold]not ruled out yet[/]"
            yield f"{name} of {variant}: a loss of {one.margin:.1%} is {state}."
    for name, by in verdict.adjustments.items():
        yield f"{name} is adjusted by {by.covariate}: {by.taken:.1%} less variance."


def _dealing(verdict: Verdict) -> Iterator[str]:
    """How a bandit deals, and what that brought."""
    if verdict.allocation:
        yield f"Dealt today: {_shares(verdict.allocation[-1])}."
    for situation, by_variant in verdict.situations.items():
        yield f"  {situation}: {_shares(by_variant)}"
    if verdict.dealt is not None:
        one = verdict.dealt
        bounds = f"{_percent(one.relative_low)} to {_percent(one.relative_high)}"
        yield f"Dealing so against {verdict.control} for all: {_percent(one.relative)} ({bounds})."


def _shares(by_variant: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {share:.0%}" for name, share in by_variant.items())


def _sums(verdict: Verdict) -> Iterator[str]:
    """What all of it earns, by a holdout."""
    for name, one in verdict.incremental.items():
        bounds = f"{one.low:,.2f} to {one.high:,.2f}"
        yield f"Incremental {name.split('_')[0]}: {one.value:,.2f} ({bounds})."


def outcome_table(verdict: Verdict) -> Table:
    """Every outcome of every variant against the control, with its fixed interval."""
    share = f"{1 - verdict.alpha:.0%} interval"
    heads = ("outcome", "variant", verdict.control, "value", "change", share, "p", "finds")
    table = Table(*heads, caption="finds: the smallest change that 80 % of such tests would find")
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
                _size(verdict.detectable.get(outcome, {}).get(variant, math.nan)),
            )
    return table


def _size(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.2%}"


def _percent(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:+.2%}"
