"""Self-check: a permanent A/A test on live traffic, one half of the control against the other."""

import math

from splitshelf.prove.guards.finding import Evidence, Finding, GuardStatus

WARN_BELOW = 0.001


def self_check(evidence: Evidence) -> Finding | None:
    """A warning where two halves of the control differ at p < .001; None without a test."""
    one = evidence.self_check
    if one is None or math.isnan(one.p):
        return None
    detail = f"Half against half: {one.difference:+.4g}, p = {one.p:.3g}."
    if one.p < WARN_BELOW:
        why = "Two halves of the same group differ: the measuring itself may be broken."
        return Finding(status=GuardStatus.WARN, why=why, detail=detail, p=one.p)
    why = "Two halves of the same group look alike, as they must."
    return Finding(status=GuardStatus.OK, why=why, detail=detail, p=one.p)
