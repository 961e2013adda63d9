"""Multiple exposures: did shoppers see more than one variant?"""

from splitshelf.prove.guards.finding import Evidence, Finding, GuardStatus

WARN_ABOVE = 0.01
VOID_ABOVE = 0.1
WHY = {
    GuardStatus.OK: "Nearly nobody saw more than one variant.",
    GuardStatus.WARN: "Some shoppers saw more than one variant and are left out; that is fair only "
    "if it happens alike in all groups. Check how shoppers are recognised.",
    GuardStatus.VOID: "So many shoppers saw more than one variant that the groups no longer "
    "differ as planned. Mend how shoppers are recognised, then start anew.",
}


def multiple_exposures(evidence: Evidence) -> Finding | None:
    """A warning above 1 % of the shoppers, void above 10 %; None before the first shopper.

    Leaving them out restores the effect (.0996 of .1, against .0848 with 15 % of them in) where
    switching does not depend on the arm, which cannot be known from here: hence the limits.
    """
    total = sum(evidence.shoppers.values()) + evidence.switched
    if total == 0:
        return None
    share = evidence.switched / total
    status = status_of(share)
    detail = f"{evidence.switched:,} of {total:,} shoppers ({share:.2%}) saw several variants."
    return Finding(status=status, why=WHY[status], detail=detail, statistic=share)


def status_of(share: float) -> GuardStatus:
    """How much such a share weighs."""
    if share > VOID_ABOVE:
        return GuardStatus.VOID
    return GuardStatus.WARN if share > WARN_ABOVE else GuardStatus.OK
