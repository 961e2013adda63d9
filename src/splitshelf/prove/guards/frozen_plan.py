"""Frozen plan: was the plan changed while shoppers were in it?"""

from splitshelf.prove.guards.finding import Evidence, Finding, GuardStatus


def frozen_plan(evidence: Evidence) -> Finding | None:
    """Void where the plan is not the one that was recorded at the start; None without a record."""
    if evidence.edited is None:
        return None
    if evidence.edited:
        changed = ", ".join(evidence.edited)
        why = f"The plan was changed after the start ({changed}): start a new experiment."
        return Finding(status=GuardStatus.VOID, why=why)
    why = "The plan is the one that was recorded at the start."
    return Finding(status=GuardStatus.OK, why=why)
