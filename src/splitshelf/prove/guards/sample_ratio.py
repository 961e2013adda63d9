"""Sample ratio: are the arms as large as the split says? If not, somebody is missing unseen."""

import numpy as np
from scipy import special

from splitshelf.prove.guards.finding import Evidence, Finding, GuardStatus

VOID_BELOW = 0.001
WARN_BELOW = 0.01
WHY = {
    GuardStatus.OK: "The groups are as large as the split says.",
    GuardStatus.WARN: "The groups differ in size more than chance easily explains; check the "
    "logging.",
    GuardStatus.VOID: "The groups are not as large as the split says: shoppers are missing from "
    "one of them, so no result can be trusted. Find out who before reading on.",
}


def chi_squared(counts: list[int], weights: list[float]) -> tuple[float, float]:
    """The chi-squared statistic and p of counts against the shares that they should have."""
    observed = np.array(counts, dtype=np.float64)
    expected = observed.sum() * np.array(weights) / sum(weights)
    statistic = float(((observed - expected) ** 2 / expected).sum())
    return statistic, float(special.chdtrc(len(counts) - 1, statistic))


def sample_ratio(evidence: Evidence) -> Finding | None:
    """Void below p = .001, a warning below .01; None before the first shopper.

    At .001 one sound experiment in a thousand is stopped, and a loss of 1 % of one arm is found
    with certainty at 500,000 shoppers an arm.
    """
    counts = [evidence.shoppers[name] for name in evidence.weights]
    if sum(counts) == 0 or len(counts) < 2:
        return None
    statistic, p = chi_squared(counts, list(evidence.weights.values()))
    named = ", ".join(f"{name} {n:,}" for name, n in evidence.shoppers.items())
    detail = f"{named}; chi-squared {statistic:.4f}, p = {p:.4g}."
    status = status_of(p)
    return Finding(status=status, why=WHY[status], detail=detail, p=p, statistic=statistic)


def status_of(p: float) -> GuardStatus:
    """How much such a p weighs."""
    if p < VOID_BELOW:
        return GuardStatus.VOID
    return GuardStatus.WARN if p < WARN_BELOW else GuardStatus.OK
