"""Changed weights: does it matter that early and late shoppers were dealt differently?"""

from splitshelf.prove.guards.finding import Evidence, Finding, GuardStatus

VOID_BELOW = 0.001
WARN_BELOW = 0.01


def changed_weights(evidence: Evidence) -> Finding | None:
    """Void where the stretches contradict the whole; None where the weights never changed.

    Variants that got their shoppers at other times differ by what changed meanwhile (Simpson's
    paradox), as a bandit's do when it is read as if it were a split.
    """
    p = evidence.drift
    if p is None:
        return None
    detail = f"Within the stretches of equal weights against all together: p = {p:.3g}."
    if p < VOID_BELOW:
        why = (
            "The weights were changed and the level moved meanwhile, so the groups differ in when "
            "their shoppers came: start a new experiment."
        )
        return Finding(status=GuardStatus.VOID, why=why, detail=detail, p=p)
    if p < WARN_BELOW:
        why = "The weights were changed, and the time before may differ from the time after."
        return Finding(status=GuardStatus.WARN, why=why, detail=detail, p=p)
    why = "The weights were changed, and before and after say the same."
    return Finding(status=GuardStatus.OK, why=why, detail=detail, p=p)
