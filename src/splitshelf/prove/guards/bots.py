"""Bots: were machines left out, and as many in each group?"""

from splitshelf.prove.guards.finding import Evidence, Finding, GuardStatus
from splitshelf.prove.guards.sample_ratio import chi_squared

WARN_BELOW = 0.001


def bots(evidence: Evidence) -> Finding | None:
    """A warning where more machines were left out of one group than chance explains.

    They are told by a rule that asks for no arm; None before the first shopper, or where a table
    does not tell who acts how often.
    """
    total = sum(evidence.machines.values())
    if not evidence.machines or not sum(evidence.shoppers.values()) + total:
        return None
    named = ", ".join(f"{name} {n:,}" for name, n in evidence.machines.items())
    if total == 0:
        why = "No shopper behaves like a machine."
        return Finding(status=GuardStatus.OK, why=why)
    counts = [evidence.machines[name] for name in evidence.weights]
    _, p = chi_squared(counts, list(evidence.weights.values()))
    detail = f"Left out: {named}; p = {p:.3g}."
    if p < WARN_BELOW:
        why = "Machines visit one group more than the other; they are left out, but look into it."
        return Finding(status=GuardStatus.WARN, why=why, detail=detail, p=p)
    why = "Machines are left out, as many in each group as chance explains."
    return Finding(status=GuardStatus.OK, why=why, detail=detail, p=p)
