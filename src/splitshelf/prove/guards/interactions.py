"""Interaction: does another running experiment change the effect of this one?"""

from scipy import special

from splitshelf.prove.guards.finding import Evidence, Finding, GuardStatus

ALPHA = 0.01


def interactions(evidence: Evidence) -> Finding | None:
    """A warning where the effect differs between the arms of another test; None without another.

    p < .01 after Bonferroni over the others.
    """
    tested = [one for one in evidence.interactions if one.error > 0]
    if not tested:
        return None
    strongest = max(tested, key=lambda one: abs(one.contrast) / one.error)
    p = 2 * float(special.ndtr(-abs(strongest.contrast) / strongest.error))
    p = min(p * len(tested), 1.0)
    detail = (
        f"With '{strongest.other}' the effect differs by {strongest.contrast:+.4g} "
        f"(error {strongest.error:.3g}), p = {p:.3g} over {len(tested)} experiments."
    )
    if p < ALPHA:
        why = f"The effect depends on experiment '{strongest.other}': run one after the other."
        return Finding(status=GuardStatus.WARN, why=why, detail=detail, p=p)
    why = "No other running experiment changes the effect."
    return Finding(status=GuardStatus.OK, why=why, detail=detail, p=p)
