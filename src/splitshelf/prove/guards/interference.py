"""Interference: do the groups compete for the same few pieces?"""

from splitshelf.prove.guards.finding import Evidence, Finding, GuardStatus

WARN_ABOVE = 0.2


def interference(evidence: Evidence) -> Finding | None:
    """A warning where more than a fifth of what is shown has little stock; None where not known.

    With a fixed stock and no true effect a split by shopper "wins" in 85.9 % of tests; a switchback
    by day errs in 5.1 %.
    """
    if evidence.scarce is None or not sum(evidence.shoppers.values()):
        return None
    detail = f"{evidence.scarce:.1%} of the places shown held products with little stock."
    if evidence.scarce > WARN_ABOVE:
        why = "The groups compete for scarce products, so one may win what the other loses."
        return Finding(status=GuardStatus.WARN, why=why, detail=detail, statistic=evidence.scarce)
    why = "There is enough stock for all groups."
    return Finding(status=GuardStatus.OK, why=why, detail=detail, statistic=evidence.scarce)
