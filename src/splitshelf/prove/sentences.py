"""What the numbers say, in one sentence that an analyst can check."""

import math
from collections.abc import Mapping

from splitshelf.prove.statistics.comparisons import Comparison
from splitshelf.prove.verdict import Method, Standing

RULES = {
    Method.PLANNED: "the looks of the plan",
    Method.ALWAYS_VALID: "an interval that holds at every look",
    Method.ONE_LOOK: "one look at the end",
}
"""Method -> by what the decision goes, in a sentence."""


def explain(
    primary: str,
    comparisons: Mapping[str, Comparison],
    standings: Mapping[str, Standing],
    method: Method,
) -> str:
    """The primary outcome of every variant against the control, with interval, p and method."""
    return " ".join(
        _one(primary, name, one, standings[name], method) for name, one in comparisons.items()
    )


def _one(primary: str, name: str, one: Comparison, standing: Standing, method: Method) -> str:
    if math.isnan(one.p):
        return f"{primary} of {name}: too few shoppers or no variation yet, no test."
    change = "" if math.isnan(one.relative) else f" ({one.relative:+.2%})"
    return (
        f"{primary} of {name}: {one.value:.6g} against {one.control:.6g}, difference "
        f"{one.difference:+.6g}{change}, p = {one.p:.4g} by a fixed test; by {RULES[method]} "
        f"[{standing.low:+.6g}, {standing.high:+.6g}], "
        f"{'significant' if standing.significant else 'not significant'}."
    )
