"""Outliers: does one shopper make the result?"""

from splitshelf.prove.guards.finding import Evidence, Finding, GuardStatus

WARN_ABOVE = 0.1


def outliers(evidence: Evidence) -> Finding | None:
    """A warning where one shopper makes more than a tenth of an arm's variance; None without any.

    In Cookie Cats one player with 49,854 rounds makes 84 % of it.
    """
    if evidence.leverage is None or not sum(evidence.shoppers.values()):
        return None
    detail = f"The largest shopper makes {evidence.leverage:.1%} of the variance of an arm."
    if evidence.leverage > WARN_ABOVE:
        why = "One shopper is so large that the result hangs on them: cap values in the plan."
        return Finding(status=GuardStatus.WARN, why=why, detail=detail, statistic=evidence.leverage)
    why = "No single shopper makes the result."
    return Finding(status=GuardStatus.OK, why=why, detail=detail, statistic=evidence.leverage)
