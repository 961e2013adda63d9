"""Sequential sample ratio: an alarm that may be looked at every minute and is false in 5 %."""

import math

from scipy import special

from splitshelf.prove.guards.finding import Evidence, Finding, GuardStatus

CONCENTRATION = 5000.0
"""Of the Dirichlet mixture: tuned to see a loss of 2 % among 40,000 shoppers soonest."""
VOID_ABOVE = 1000.0
WARN_ABOVE = 20.0
WHY = {
    GuardStatus.OK: "At no look so far did the groups grow apart in size.",
    GuardStatus.WARN: "The groups grow apart in size while the test runs; check the logging now.",
    GuardStatus.VOID: "The groups grow apart in size so clearly that shoppers are being lost. "
    "Stop and mend it.",
}


def log_e_value(counts: list[int], weights: list[float]) -> float:
    """The log of the evidence against the split, valid at every look at once.

    The Dirichlet-multinomial mixture over the multinomial of the split (Lindon and Malek 2022).
    """
    prior = [CONCENTRATION * weight for weight in weights]
    mixture = math.fsum(
        float(special.gammaln(a + n) - special.gammaln(a))
        for a, n in zip(prior, counts, strict=True)
    )
    total = float(special.gammaln(CONCENTRATION + sum(counts)) - special.gammaln(CONCENTRATION))
    null = math.fsum(n * math.log(w) for n, w in zip(counts, weights, strict=True))
    return mixture - total - null


def sequential_sample_ratio(evidence: Evidence) -> Finding | None:
    """A warning at an e-value of 20 (p = .05, at all looks), void at 1,000; None without any."""
    counts = [evidence.shoppers[name] for name in evidence.weights]
    if sum(counts) == 0 or len(counts) < 2:
        return None
    e_value = math.exp(min(log_e_value(counts, list(evidence.weights.values())), 700.0))
    status = GuardStatus.VOID if e_value >= VOID_ABOVE else GuardStatus.OK
    if status is GuardStatus.OK and e_value >= WARN_ABOVE:
        status = GuardStatus.WARN
    detail = f"e-value {e_value:.3g}; its inverse is a p that holds at every look."
    p = min(1 / e_value, 1.0)
    return Finding(status=status, why=WHY[status], detail=detail, p=p, statistic=e_value)
